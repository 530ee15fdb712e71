import { useEffect, useRef, useState } from "preact/hooks";
import { frameOf } from "../pictures";
import { Dialog } from "./dialog";
import { Notice } from "./notice";

/** The films that checks take. A film of MediaRecorder is of its first supported type. */
const FILM_TYPES = ["video/mp4;codecs=avc1.42E01E", "video/mp4"];
const SECONDS = 4;

/** The camera, for a photo or a film. */
export function Camera(properties: {
  kind: "photo" | "film";
  onTaken: (file: Blob) => void;
  onClose: () => void;
}) {
  const { kind, onTaken, onClose } = properties;
  const [trouble, setTrouble] = useState("");
  const [left, setLeft] = useState<number>();
  const video = useRef<HTMLVideoElement>(null);
  const [stream, setStream] = useState<MediaStream>();
  // The stream is there before its first picture is.
  const [isShowing, setIsShowing] = useState(false);
  // What is taken when the dialog was closed is nobody's file.
  const isOpen = useRef(true);
  const filmType = FILM_TYPES.find((each) => globalThis.MediaRecorder?.isTypeSupported(each));

  useEffect(() => {
    let opened: MediaStream | undefined;
    const open = async () => {
      try {
        opened = await navigator.mediaDevices.getUserMedia({
          video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 720 } },
        });
        if (!isOpen.current) {
          close(opened);
          return;
        }
        if (video.current) {
          video.current.srcObject = opened;
        }
        setStream(opened);
      } catch (error) {
        setTrouble(cameraTrouble(error));
      }
    };
    void open();
    return () => {
      isOpen.current = false;
      close(opened);
    };
  }, []);

  const take = async (file: Promise<Blob>) => {
    try {
      const taken = await file;
      if (isOpen.current) {
        onTaken(taken);
        onClose();
      }
    } catch (error) {
      setLeft(undefined);
      setTrouble(cameraTrouble(error));
    }
  };

  return (
    <Dialog title={kind === "photo" ? "Take a photo" : "Record a film"} onClose={onClose}>
      <video
        ref={video}
        class="camera"
        autoPlay
        muted
        playsInline
        aria-label="What the camera sees"
        onLoadedData={() => setIsShowing(true)}
      />
      {trouble && <Notice kind="bad">{trouble}</Notice>}
      {kind === "film" && !filmType && (
        <Notice kind="warn">
          This browser records no MP4, and no check takes WebM. Use another browser, or choose a
          file.
        </Notice>
      )}
      <p role="status" class="muted">
        {left === undefined ? (isShowing ? "The camera is on." : "Waiting for the camera…") : `Recording: ${left} s left`}
      </p>
      <div class="dialog-end">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        {kind === "photo" ? (
          <button type="button" class="primary" disabled={!isShowing} onClick={() => video.current && void take(frameOf(video.current))}>
            Take the photo
          </button>
        ) : (
          <button
            type="button"
            class="primary"
            disabled={!isShowing || !filmType || left !== undefined}
            onClick={() => stream && filmType && void take(film(stream, filmType, SECONDS, setLeft))}
          >
            Record {SECONDS} seconds
          </button>
        )}
      </div>
    </Dialog>
  );
}

function close(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) {
    track.stop();
  }
}

/** Films for some seconds. The blob's type has no parameters: a file is declared without. */
function film(
  stream: MediaStream,
  type: string,
  seconds: number,
  onSecond: (left: number) => void,
): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const recorder = new MediaRecorder(stream, { mimeType: type });
    const pieces: Blob[] = [];
    let left = seconds;
    onSecond(left);
    const timer = setInterval(() => {
      left--;
      onSecond(left);
      if (left <= 0) {
        recorder.stop();
      }
    }, 1000);
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    recorder.onerror = () => {
      clearInterval(timer);
      reject(new Error("The browser could not record the film."));
    };
    recorder.onstop = () => {
      clearInterval(timer);
      resolve(new Blob(pieces, { type: type.split(";")[0] ?? "" }));
    };
    recorder.start();
  });
}

function cameraTrouble(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError") {
    return "The browser does not let this page use the camera. Allow it beside the address.";
  }
  if (name === "NotFoundError") {
    return "There is no camera here. Choose a file instead.";
  }
  return error instanceof Error ? error.message : String(error);
}
