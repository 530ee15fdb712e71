/** Pictures as the checks take them. */

const QUALITY = 0.92;

/**
 * A picture as JPEG, with no side longer than `maxSide`.
 *
 * @throws Error with words for people, if the browser cannot open it.
 */
export async function asJpeg(picture: Blob, maxSide: number): Promise<Blob> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(picture);
  } catch {
    throw new Error("This browser cannot open the picture.");
  }
  const scale = Math.min(1, maxSide / Math.max(bitmap.width, bitmap.height));
  return jpegOf(bitmap, Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
}

/** What a video element shows now, as JPEG. */
export function frameOf(video: HTMLVideoElement): Promise<Blob> {
  return jpegOf(video, video.videoWidth, video.videoHeight);
}

function jpegOf(source: CanvasImageSource, width: number, height: number): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")?.drawImage(source, 0, 0, width, height);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error("The picture could not be written."))),
      "image/jpeg",
      QUALITY,
    );
  });
}
