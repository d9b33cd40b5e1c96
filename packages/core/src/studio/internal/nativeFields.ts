/** Provider-native fields that a top-level control replaces, and the flag to use. */
const controls: { readonly [name: string]: string } = {
  n: "--output-count",
  num_images: "--output-count",
  prompt: "--prompt",
  image: "--input",
  images: "--input",
  image_url: "--input",
  image_urls: "--input",
  mask: "--mask",
  mask_url: "--mask",
  mask_image_url: "--mask",
  elements: "--element-frontal",
  frontal_image_url: "--element-frontal",
  reference_image_url: "--reference-image",
  reference_image_urls: "--reference-image",
  first_image_url: "--reference-image",
  second_image_url: "--reference-image"
}

/** The flag to use in place of a provider's own field; null when the name is none of those. */
export const nativeField = (name: string): string | null =>
  Object.hasOwn(controls, name)
    ? (controls[name] ?? null)
    : name.endsWith("_reference_task")
      ? "--reference-image"
      : null
