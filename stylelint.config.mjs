// The linter of the style sheets; their layout is Biome's.

export default {
  extends: "stylelint-config-standard",
  ignoreFiles: ["**/vendor/**"],
  rules: {
    "custom-property-pattern": null, // the theme names its properties --md-part--state
    "selector-class-pattern": [
      /^[a-z][a-z0-9]*((-|--|__)[a-z0-9]+)*$/,
      { message: "Lower case with hyphens, or the theme's block__element--modifier" },
    ],
    "media-feature-range-notation": "prefix", // Safari reads (width >= 60em) since 16.4 only
    "number-max-precision": null, // the theme's breakpoints lie a 64th of a pixel below ours
    "value-keyword-case": ["lower", { ignoreProperties: ["/^--/", "font-family"] }], // names of fonts
    "no-descending-specificity": null, // parts stand in the order of the page
    "custom-property-empty-line-before": null, // a blank line groups tokens
    "declaration-empty-line-before": null,
    "color-no-hex": [true, { message: "Name a colour in docs/assets/css/tokens.css and use the name" }],
  },
  overrides: [{ files: ["**/tokens.css"], rules: { "color-no-hex": null } }],
}
