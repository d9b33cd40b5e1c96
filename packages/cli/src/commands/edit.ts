import { command, text } from "../Flags.ts"
import { aspectRatio, guide, requestFlags } from "./request.ts"

export const editAspectRatio = aspectRatio("auto")

export const editInput = text({
  name: "input",
  valueName: "IMAGE",
  help: "The image to edit: a path, a URL, an asset id or an asset URL"
})

export const editInputAssetId = text({
  name: "input-asset-id",
  valueName: "ASSET_ID",
  help: "The image to edit, when it is an asset already"
})

export const editMask = text({
  name: "mask",
  valueName: "IMAGE",
  help: "White where the edit applies: a path, a URL, an asset id or an asset URL"
})

export const edit = command({
  name: "edit",
  summary: "Change an image",
  description:
    "A path or a URL is read here and uploaded first. Give --input or --input-asset-id. The input file is never touched: write elsewhere, or say --overwrite.",
  flags: [editInput, editInputAssetId, editMask, ...requestFlags, editAspectRatio],
  needs: [[editInput, editInputAssetId, guide]],
  examples: [
    "image-skill edit --input photo.jpg --model local.grade --model-parameters-json '{\"warmth\":40}' --output warm.png",
    "image-skill edit --input photo.jpg --mask face.png --model local.mask-effect --output hidden.png",
    "image-skill edit --input photo.jpg --model local.resize --model-parameters-json '{\"scale\":2}' --dry-run --json"
  ]
})
