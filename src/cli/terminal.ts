/** The terminal or the pipes around the command; `platform/terminal.ts` is the real one, `main.ts` hands it in. */
export interface Terminal {
  /** Takes the result. */
  readonly out: Output;
  /** Takes all else: notes, progress, failures. */
  readonly error: Output;
  /** Whether somebody sits at standard input and can be asked. */
  readonly isInteractive: boolean;
  /** The environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The working directory, absolute. */
  readonly directory: string;
  /** All of standard input. */
  readonly readInput: () => AsyncIterable<Uint8Array>;
  /** Writes the question to the terminal and answers the line that was typed; `undefined` when there will be none. */
  readonly ask: (question: string, signal: AbortSignal) => Promise<string | undefined>;
  /** Calls back at each Ctrl-C and each request to end (TERM, HUP), until disposed. */
  readonly onInterrupt: (called: () => void) => Disposable;
  /** Calls back once after `ms`, unless disposed before. Does not keep the process alive. */
  readonly after: (ms: number, called: () => void) => Disposable;
  /** Calls back every `ms` until disposed. Does not keep the process alive. */
  readonly every: (ms: number, called: () => void) => Disposable;
  /** Wall-clock time, ms since the epoch. */
  readonly now: () => number;
}

/** One stream of output. */
export interface Output {
  readonly isTerminal: boolean;
  /** Width in characters; a guess where there is no terminal. */
  readonly columns: () => number;
  /** Hands text or bytes over. Resolves when the stream can take more; never rejects. */
  readonly write: (content: string | Uint8Array) => Promise<void>;
  /** Calls back once, when the reader of a pipe has gone away. What is written after that is dropped. */
  readonly onClosed: (called: () => void) => void;
}
