"""Preview the site, reloading as you save: `python -m scripts.serve`, or `--port 8001` where 8000 is taken."""

import argparse
import gc
import os
import socket
import sys

HOST = "127.0.0.1"


def port_number(text: str) -> int:
    """A port's number, from what was typed; raises a sentence that argparse prints."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 1 << 16):
        raise argparse.ArgumentTypeError(f"a port is a whole number from 1 to 65535, not {text!r}")
    return int(text)


def stop_if_taken(port: int) -> None:
    """Stop with one sentence when nothing can be served on this port."""
    with socket.socket() as probe:
        if os.name != "nt":  # there it would let two programs have one port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            other = port + 1 if 1024 < port < 65535 else 8001
            sys.exit(f"Port {port} cannot be used ({error.strerror}): type `make serve port={other}`.")


def main() -> None:
    """Let mkdocs serve the site."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=port_number, default=8000)
    port = parser.parse_args().port
    stop_if_taken(port)
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")  # the theme prints an advertisement for its successor
    # Garbage is looked for less often: that took a third of the time to build the site.
    gc.set_threshold(50_000)
    from mkdocs.__main__ import cli

    # A warning is printed, and the page is shown all the same; `make build` is strict.
    cli(["serve", "--livereload", "--no-strict", "--dev-addr", f"{HOST}:{port}"], prog_name="mkdocs")


if __name__ == "__main__":
    main()
