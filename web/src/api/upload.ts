/** Sending a file, with progress; `fetch` tells none. */

import { ApiError, call, NoAnswer } from "./client.ts";
import type { UploadTicketView, UploadView } from "./schema.ts";

const FINAL = ["COMPLETED", "FAILED", "EXPIRED", "UNDONE"];
const POLL_MS = [150, 250, 400, 700, 1000];

/** Send a file as its ticket says; `onProgress` is told fractions. */
export function sendFile(
  ticket: UploadTicketView,
  file: Blob,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(ticket.method, ticket.uploadUrl);
    for (const [name, value] of Object.entries(ticket.headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => (request.status < 300 ? resolve() : reject(refusal(request)));
    request.onerror = () => reject(new NoAnswer());
    request.onabort = () => reject(new DOMException("Stopped", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form(ticket, file));
  });
}

/** Ask until the upload has ended, at growing intervals. */
export async function ended(uploadId: string, signal: AbortSignal): Promise<UploadView> {
  for (let attempt = 0; ; attempt++) {
    const view = await call("GET /v1/upload/{uploadId}/status", { path: { uploadId }, signal });
    if (FINAL.includes(view.status)) return view;
    const wait = POLL_MS[Math.min(attempt, POLL_MS.length - 1)];
    await new Promise((resolve) => setTimeout(resolve, wait));
    signal.throwIfAborted();
  }
}

/** Object stores that take forms want the ticket's fields first. */
function form(ticket: UploadTicketView, file: Blob): Blob | FormData {
  if (ticket.method === "PUT") return file;
  const data = new FormData();
  for (const [name, value] of Object.entries(ticket.fields)) data.append(name, value);
  data.append("file", file);
  return data;
}

function refusal(request: XMLHttpRequest): Error {
  try {
    return new ApiError(request.status, JSON.parse(request.responseText), null);
  } catch {
    return new NoAnswer();
  }
}
