import { useId, useRef, useState } from "preact/hooks";
import { Icon } from "../../ui/icons.tsx";
import { Button } from "../../ui/parts.tsx";
import { exampleFile } from "./handover.ts";

/** Where a file is dropped, or chosen. */
export function DropZone({ onFile }: { onFile: (file: File) => void }) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  return (
    <div
      class={`drop ${over ? "over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer?.files[0];
        if (file) onFile(file);
      }}
    >
      <span class="empty-icon">
        <Icon name="upload" size={28} />
      </span>
      <p class="big">Drop your broker's file here</p>
      <p class="quiet-text small">
        CSV, up to 10 MB. As your broker wrote it: nothing needs to be cleaned up first.
      </p>
      <input
        ref={input}
        id={id}
        class="unseen"
        type="file"
        accept=".csv,.tsv,.txt,text/csv,text/plain,text/tab-separated-values"
        tabIndex={-1}
        aria-label="Choose a file"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) onFile(file);
        }}
      />
      <div class="actions">
        <Button kind="primary" icon="file" onClick={() => input.current?.click()}>
          Choose a file
        </Button>
        <Button kind="quiet" onClick={() => onFile(exampleFile())}>
          Try an example
        </Button>
      </div>
    </div>
  );
}
