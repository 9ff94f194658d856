/** What the demo does to the world, all of it inside one temporary directory; `main.ts` hands it in. */
export interface DemoMachine {
  /** The temporary directory, absolute and empty at first. Gone after `dispose`. */
  readonly directory: string;
  /** Runs this very restage as a user would, in the directory. */
  restage(args: readonly string[], options?: { readonly input?: string }): Promise<Ran>;
  /** Runs a program below the directory; status 127 says that there is none. */
  run(file: string, args: readonly string[], options?: { readonly within?: string }): Promise<Ran>;
  /** Writes a file; the path is relative to the directory. */
  write(path: string, text: string): Promise<void>;
  read(path: string): Promise<string>;
  /** Ends a process as a crash would. */
  kill(pid: number): Promise<void>;
  /** Removes the directory. */
  dispose(): Promise<void>;
}

/** How a program ended and what it printed. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}
