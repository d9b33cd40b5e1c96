/** A line with the cursor at its end, what any shell offers there, and what it does not. */
export const completionCases: ReadonlyArray<readonly [line: string, offered: string, absent: string]> = [
  ["image-skill mo", "models", "create"],
  ["image-skill models ", "overview find list show", "create"],
  ["image-skill create --max-", "--max-estimated-usd-per-image --max-usd", "--max-credits"],
  ["image-skill models list --operation image.", "image.upscale image.edit", "overview"],
  ["image-skill models list --operation=image.", "image.upscale image.edit", "overview"],
  ["image-skill --data-dir x models o", "overview", "create"],
  ["image-skill --api-base-url=http://127.0.0.1:8787 models o", "overview", "create"],
  ["image-skill --api-base-url http://127.0.0.1:8787 models o", "overview", "create"],
  ['image-skill create --prompt "a b" --prov', "--provider", "--prompt"],
  ["image-skill create --prompt s", "", "show serve small.png"],
  ["image-skill upload sma", "small.png", "serve"],
  ["image-skill create --output sma", "small.png", "serve"],
  ["image-skill edit --input=sma", "small.png", "serve"],
  ["image-skill jobs show ", "", "small.png show create"],
  ["image-skill help cre", "create credits", "edit"],
  ["image-skill completions ", "bash zsh fish", "create small.png"],
  ["image-skill admin budgets set --per", "--period", "--limit-usd"]
]
