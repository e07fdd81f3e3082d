import { useEffect, useState } from 'react';
import { useStore } from '../state/context.ts';

/** Captures may be dropped anywhere in the window, whatever it shows. */
export function DropOverlay() {
  const store = useStore();
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    // Every element that the pointer enters and leaves says so; the window is left when all of them are.
    let depth = 0;
    const bringsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const enter = (event: DragEvent) => {
      if (!bringsFiles(event)) return;
      event.preventDefault();
      depth++;
      setDragging(true);
    };
    const over = (event: DragEvent) => {
      if (!bringsFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
    };
    const leave = (event: DragEvent) => {
      if (!bringsFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setDragging(false);
    };
    const drop = (event: DragEvent) => {
      // Without this the browser leaves the application for the file.
      event.preventDefault();
      depth = 0;
      setDragging(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length > 0) void store.openFiles(files);
    };
    window.addEventListener('dragenter', enter);
    window.addEventListener('dragover', over);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragenter', enter);
      window.removeEventListener('dragover', over);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, [store]);
  if (!dragging) return null;
  return (
    <div className="drop-overlay" role="status">
      <p>Drop to open</p>
      <p className="quiet">.pcap, .pcapng, .cap, also compressed with gzip; several together become one run</p>
    </div>
  );
}
