import { useEffect, useId, useRef, type ReactNode } from "react";
import { Button } from "./base";

/** The browser's own dialog: it keeps the focus inside, closes on Escape, and gives the focus back. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children: ReactNode }) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={ref} className="dialog" aria-labelledby={id} onClose={close} onCancel={close}>
      <div className="row">
        <h2 id={id} className="grow">{title}</h2>
        <Button small onClick={close}>Close</Button>
      </div>
      {children}
    </dialog>
  );
}
