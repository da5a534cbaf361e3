"""The models that experiments use: names, checksums, and what differs between them. Nothing is loaded here."""

from dataclasses import dataclass, field, fields, is_dataclass, replace

EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
EMBEDDER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# The conversation format of SmolLM2 as its own template has it, without the system prompt that the template adds
# where there is none: it costs 20 tokens a question.
CHATML_WITHOUT_DEFAULT_SYSTEM = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


@dataclass(frozen=True)
class Model:
    """A model and how it is run here."""

    key: str  # names its arms and the folder of its results
    name: str  # as the hub and the laid-out cache have it
    sha256: str  # of its tensors, as scripts/lay_out_models.py counts them
    dtype: str = "float32"
    batch_size: int = 32  # prompts that are answered at once
    chat_template: str | None = None  # in place of the tokenizer's own
    learning_rate_scale: float = 1.0  # the learning rates offered to dev, as a multiple of the small model's
    times_slower: float = 1.0  # about what an experiment takes, as a multiple of the small model's processor time


SMOLLM2 = Model(
    "smollm2-135m",
    "HuggingFaceTB/SmolLM2-135M-Instruct",
    "7aea1f7bc06db087ec40f17e2eeb3b419463db07474aaad976c997dea9361be2",
    chat_template=CHATML_WITHOUT_DEFAULT_SYSTEM,
)
QWEN2 = Model(
    "qwen2.5-coder-1.5b",
    "Qwen/Qwen2.5-Coder-1.5B-Instruct",
    "82d9cd3970fc7c28fdf035f47b551e9f01200f459480212334ac38862873ffd4",
    dtype="bfloat16",
    batch_size=48,
    learning_rate_scale=0.25,
    times_slower=8.0,  # `trust`, which trains nothing, took 2.2 times as long; a training step some ten times
)
OF_ANY_MODEL = {"of any model": True}  # in the metadata of a field of settings
MODELS = {model.key: model for model in (SMOLLM2, QWEN2)}


def of_any_model(learning_rates: tuple[float, ...]):
    """A field of settings: learning rates of something else than the model, which another model leaves as they are."""
    return field(default=learning_rates, metadata=OF_ANY_MODEL)


def for_model(settings, key: str):
    """The settings of an experiment for another model: dev is offered learning rates that suit its size.

    What dev chooses is chosen anew; a learning rate that no dev set chooses is scaled like the others.
    """
    if key == settings.model:
        return settings
    scale = MODELS[key].learning_rate_scale

    def scaled(value):
        if is_dataclass(value):
            return adapted(value)
        if isinstance(value, tuple):
            return tuple(scaled(one) for one in value)
        return value

    def scaled_learning_rate(value):
        return tuple(one * scale for one in value) if isinstance(value, tuple) else value * scale

    def adapted(value):
        changes = {}
        for one in fields(value):
            of_the_model = "learning_rate" in one.name and one.metadata != OF_ANY_MODEL
            changes[one.name] = (scaled_learning_rate if of_the_model else scaled)(getattr(value, one.name))
        return replace(value, **changes)

    return replace(adapted(settings), model=key)
