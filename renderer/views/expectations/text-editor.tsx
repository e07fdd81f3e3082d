/** A plain text editor: the browser's own text field, with line numbers and marks where something is wrong. */
import {
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { difference, indent, lineCount, newLine, offsetOf, outdent, type TextEdit } from './text-edits.ts';
import './text-editor.css';

export interface TextEditorHandle {
  /** Puts the caret there (both from 1), into view, and the focus into the editor. */
  goTo(line: number, column: number): void;
  /** Changes the text in one step that undo takes back. */
  change(text: string): void;
}

export interface TextProblem {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

interface TextEditorProps {
  readonly label: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly problems: readonly TextProblem[];
  readonly placeholder: string;
  readonly handle: Ref<TextEditorHandle>;
  readonly hint: ReactNode;
}

interface Scrolled {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly line: number;
}

/** Lines drawn beyond what is seen, so that scrolling shows no edge. */
const MARGIN = 12;

export function TextEditor({ label, text, onChange, problems, placeholder, handle, hint }: TextEditorProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const hintId = useId();
  /** After Escape, Tab leaves the field instead of indenting. */
  const leaving = useRef(false);
  const [scrolled, setScrolled] = useState<Scrolled>({ top: 0, left: 0, height: 0, line: 20 });
  const lines = useMemo(() => lineCount(text), [text]);
  const byLine = useMemo(() => new Map(problems.map((problem) => [problem.line, problem])), [problems]);

  const measure = () => {
    const { current } = field;
    if (current === null) return;
    const line = Number.parseFloat(getComputedStyle(current).lineHeight) || 20;
    setScrolled({ top: current.scrollTop, left: current.scrollLeft, height: current.clientHeight, line });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it measures the element, which stays the same.
  useLayoutEffect(() => {
    measure();
    if (field.current === null) return;
    const observer = new ResizeObserver(measure);
    observer.observe(field.current);
    return () => observer.disconnect();
  }, []);

  useImperativeHandle(handle, () => ({
    goTo: (line, column) => {
      const { current } = field;
      if (current === null) return;
      const offset = offsetOf(current.value, line, column);
      current.focus();
      current.setSelectionRange(offset, wordEnd(current.value, offset));
      const height = Number.parseFloat(getComputedStyle(current).lineHeight) || 20;
      current.scrollTop = Math.max((line - 1) * height - current.clientHeight / 3, 0);
      if (column < 40) current.scrollLeft = 0;
    },
    change: (after) => {
      const { current } = field;
      if (current !== null && after !== current.value) apply(current, difference(current.value, after));
    },
  }));

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const { currentTarget: area, key } = event;
    if (key === 'Escape') {
      leaving.current = true;
      return;
    }
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.nativeEvent.isComposing;
    if (key === 'Tab' && plain && !leaving.current) {
      event.preventDefault();
      const change = event.shiftKey ? outdent : indent;
      const edit = change(area.value, area.selectionStart, area.selectionEnd);
      if (edit !== null) apply(area, edit);
    } else if (key === 'Enter' && plain && !event.shiftKey) {
      event.preventDefault();
      apply(area, newLine(area.value, area.selectionStart, area.selectionEnd));
    }
    if (key !== 'Shift') leaving.current = false;
  };

  const first = Math.max(Math.floor(scrolled.top / scrolled.line) - MARGIN, 0);
  const last = Math.min(Math.ceil((scrolled.top + scrolled.height) / scrolled.line) + MARGIN, lines);
  const drawn = Array.from({ length: Math.max(last - first, 0) }, (_, at) => first + at + 1);
  const place = (line: number) => ({ top: `calc(${line - 1} * var(--editor-line) - ${scrolled.top}px)` });
  const textLines = useMemo(() => (problems.length === 0 ? [] : text.split('\n')), [text, problems]);
  return (
    <div className="editor">
      <div className="editor-gutter mono" aria-hidden="true" style={{ width: `${String(lines).length + 3}ch` }}>
        <div className="editor-window">
          {drawn.map((line) => (
            <div
              key={line}
              className="editor-number"
              style={place(line)}
              data-bad={byLine.has(line)}
              title={byLine.get(line)?.message}
            >
              {line}
            </div>
          ))}
        </div>
      </div>
      <div className="editor-body">
        <div className="editor-window" aria-hidden="true">
          {drawn.flatMap((line) => {
            const problem = byLine.get(line);
            if (problem === undefined) return [];
            const written = textLines[line - 1] ?? '';
            const from = Math.min(problem.column - 1, written.length);
            const length = Math.max(wordEnd(written, from) - from, 1);
            return [
              <div key={line} className="editor-bad-line" style={place(line)}>
                <span
                  className="editor-bad-word mono"
                  style={{ left: `calc(${from}ch - ${scrolled.left}px)`, width: `${length}ch` }}
                />
              </div>,
            ];
          })}
        </div>
        <textarea
          ref={field}
          className="editor-field mono"
          aria-label={label}
          aria-describedby={hintId}
          aria-invalid={problems.length > 0}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          placeholder={placeholder}
          value={text}
          onChange={({ target }) => onChange(target.value)}
          onScroll={measure}
          onKeyDown={onKeyDown}
          onBlur={() => {
            leaving.current = false;
          }}
        />
      </div>
      <p id={hintId} className="editor-hint quiet">
        {hint}
      </p>
    </div>
  );
}

/** As if it were typed: the one way that the field's own undo knows of. */
function apply(area: HTMLTextAreaElement, { from, to, insert, select }: TextEdit): void {
  area.focus();
  area.setSelectionRange(from, to);
  if (insert !== '') document.execCommand('insertText', false, insert);
  else if (to > from) document.execCommand('delete');
  area.setSelectionRange(select[0], select[1]);
}

function wordEnd(text: string, from: number): number {
  const [word] = /^[^\s,:[\]{}]*/.exec(text.slice(from, from + 200)) ?? [''];
  return from + word.length;
}
