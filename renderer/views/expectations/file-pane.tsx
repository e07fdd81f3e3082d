/** The expectation file: its name, what can be done with it, its text, and what is wrong with it. */
import type { Ref } from 'react';
import { Button } from '../../ui/button.tsx';
import { Status } from '../../ui/status.tsx';
import { baseName } from './expectation-files.ts';
import { TextEditor, type TextEditorHandle, type TextProblem } from './text-editor.tsx';

interface FilePaneProps {
  readonly file: string | null;
  readonly text: string;
  readonly saved: boolean;
  readonly problems: readonly TextProblem[];
  /** The application could not check the text at all. */
  readonly error: string | null;
  /** What was just done: saved, or why not. */
  readonly message: string | null;
  readonly judging: 'no-run' | 'in-sync' | 'possible' | 'judging';
  readonly editor: Ref<TextEditorHandle>;
  readonly onChange: (text: string) => void;
  readonly onProblem: (problem: TextProblem) => void;
  readonly onOpen: () => void;
  readonly onSave: () => void;
  readonly onSaveAs: () => void;
  readonly onJudge: () => void;
}

const JUDGE_TITLES: Readonly<Record<FilePaneProps['judging'], string>> = {
  'no-run': 'Open a capture first: then its sessions can be judged by this file',
  'in-sync': 'The capture has been judged by this text',
  possible: 'Judge the capture by this text (Ctrl+Enter)',
  judging: 'Judging',
};

export function FilePane(props: FilePaneProps) {
  const { file, text, saved, problems, error, message, judging, editor } = props;
  const empty = text.trim() === '';
  return (
    <section className="file-pane" aria-label="Expectation file" data-part="file">
      <div className="file-bar">
        <p className="file-name" title={file ?? undefined}>
          <bdi>{file === null ? (empty ? 'No file' : 'Not in a file yet') : baseName(file)}</bdi>
          {!saved && !empty && <span className="file-unsaved"> • unsaved</span>}
        </p>
        <div className="file-buttons">
          <Button onClick={props.onOpen}>Open…</Button>
          <Button onClick={props.onSave} disabled={empty || (saved && file !== null)} title="Ctrl+S">
            Save
          </Button>
          <Button onClick={props.onSaveAs} disabled={empty}>
            Save as…
          </Button>
          <Button
            className="file-judge"
            onClick={props.onJudge}
            disabled={judging !== 'possible' || problems.length > 0 || empty}
            title={problems.length > 0 ? 'First mend what is wrong with the file' : JUDGE_TITLES[judging]}
          >
            Judge by this
          </Button>
        </div>
      </div>
      <p className="file-message quiet" role="status">
        {message}
      </p>
      <TextEditor
        label="Expectation file"
        text={text}
        onChange={props.onChange}
        problems={problems}
        placeholder={'version: 1\npartners:\n  - name: …'}
        handle={editor}
        hint={
          <>
            <kbd>Tab</kbd> indents; <kbd>Esc</kbd>, then <kbd>Tab</kbd>, leaves the editor
          </>
        }
      />
      <div className="file-problems" role="status" data-part="problems" tabIndex={-1}>
        {error !== null && <p className="file-error">{error}</p>}
        {!empty && error === null && problems.length === 0 && (
          <Status tone="good">Nothing is wrong with the file</Status>
        )}
        {problems.length > 0 && (
          <ul aria-label="What is wrong with the file">
            {problems.map((problem) => (
              <li key={`${problem.line}:${problem.column}:${problem.message}`}>
                <button type="button" className="file-problem" onClick={() => props.onProblem(problem)}>
                  <span className="file-place mono">
                    {problem.line}:{problem.column}
                  </span>
                  <span>{problem.message}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}
