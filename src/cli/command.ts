import type { Emit } from '../model/event.ts';
import type { SnapshotContext } from '../snapshot/context.ts';
import type { DataCommands } from './commands/data/contract.ts';
import type { DemoMachine } from './commands/demo/machine.ts';
import type { EnvironmentCommands } from './commands/env/contract.ts';
import type { GeneralCommands } from './commands/general/contract.ts';
import type { NodesCommands } from './commands/nodes/contract.ts';
import type { SessionCommands } from './commands/session/contract.ts';

/** What can be typed, as data. Imports nothing heavy: it is on the path of `--help` and of completion. */
export interface CommandSpec {
  /** One or two words: `save`, `nodes status`. */
  readonly name: string;
  /** One line, imperative, no period. */
  readonly summary: string;
  readonly parameters?: readonly ParameterSpec[];
  readonly options?: readonly OptionSpec[];
  /** Shown by `--help`, run by a test where they can be. */
  readonly examples: readonly { readonly line: string; readonly says: string }[];
  /** Other names by which it is called, such as `ls` for `list`. Not shown. */
  readonly aliases?: readonly string[];
  /** What may stand behind `--`, such as `argv`; it then goes to `CommandInput.rest` and not to the parameters. */
  readonly rest?: string;
  /** Whether the command knows `--plan`; where it does not, `--plan` is refused before anything happens. */
  readonly plans?: boolean;
  /** The deadline in seconds where no `--timeout` is given; none if absent. */
  readonly timeout?: number;
  /** Left out of `--help` and completion. */
  readonly hidden?: boolean;
  /** Imports the command; called only when it runs. */
  readonly load: () => Promise<RunCommand>;
}

/** A positional parameter. */
export interface ParameterSpec {
  readonly name: string;
  readonly summary?: string;
  readonly optional?: boolean;
  /** Takes all that follow; the last one only. */
  readonly variadic?: boolean;
  /** What completion offers; the command says what else it takes. */
  readonly choices?: readonly string[];
  readonly complete?: CompletionKind;
}

/** An option of one command. Options of all commands (`--json`, `--yes`, …) are in `cli/global-options.ts`. */
export interface OptionSpec {
  /** As commander writes them: `-i, --image <name>`, `--only <layer...>`, `--exact`. */
  readonly flags: string;
  readonly summary: string;
  readonly choices?: readonly string[];
  /** May be given several times, one value each; its value is a list. `<name...>` would also take the words after it. */
  readonly repeatable?: boolean;
  readonly complete?: CompletionKind;
}

/** Live names that completion offers. */
export type CompletionKind =
  'snapshot' | 'node' | 'image' | 'unit' | 'stream' | 'pid' | 'file' | 'directory' | 'command';

/** What was typed: parameters by name, options by their camel-cased long name. Unknown until a schema has read it. */
export interface CommandInput {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, unknown>>;
  /** The words behind `--`, of a command whose spec has `rest`; absent where there was no `--`. */
  readonly rest?: readonly string[];
}

/** A command: reads what was typed, calls the engine once, prints, returns the exit status. */
export type RunCommand = (context: CommandContext, input: CommandInput) => Promise<number>;

/** Flags that every command has. */
export interface GlobalFlags {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly yes: boolean;
  /** `--plan`: stop after the plan. */
  readonly plan: boolean;
}

/** What a command gets. Parts of the engine are opened when they are asked for, and closed after the command. */
export interface CommandContext {
  readonly flags: GlobalFlags;
  /** Aborts at Ctrl-C and at the deadline. */
  readonly signal: AbortSignal;
  /** The working directory. */
  readonly directory: string;
  /** ms since the epoch. */
  readonly now: () => number;
  /** Prints the result on stdout, once: the document with `--json`, else the text. */
  readonly print: (document: unknown, text: string) => void;
  /** Prints one of many results at once, for `--follow` and the like: a JSON line with `--json`, else the text. */
  readonly printLine: (document: unknown, text: string) => void;
  /** Writes raw bytes to stdout, for `data get`. Resolves when they are handed over. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** All of standard input. */
  readonly readInput: () => AsyncIterable<Uint8Array>;
  /** Says something on stderr that is no result; silent with `--quiet`. */
  readonly say: (text: string) => void;
  /** Asks on a terminal; true at once with `--yes`. Without a terminal it throws `cli/not-confirmed`. */
  readonly confirm: (question: string) => Promise<boolean>;
  readonly emit: Emit;
  readonly engine: Engine;
}

/** The engine as commands may see it; `main.ts` puts it together. */
export interface Engine {
  /** Opens the workspace (found from the working directory upwards), its store and its layers. */
  snapshots(options?: OpenWorkspace): Promise<SnapshotContext>;
  nodes(): Promise<NodesCommands>;
  environment(): Promise<EnvironmentCommands>;
  /** Opens the session of a workspace; `create` makes the workspace if there is none. */
  session(options?: OpenWorkspace): Promise<SessionCommands>;
  data(options?: OpenData): Promise<DataCommands>;
  /** Configuration, doctor, links: what belongs to no layer. */
  general(): Promise<GeneralCommands>;
  /** Makes a temporary directory for the demo. */
  demo(): Promise<DemoMachine>;
}

/** How a workspace is opened. */
export interface OpenWorkspace {
  /** `create`: make it in the working directory; `write` (default) and `read`: it must be there. */
  readonly mode?: 'create' | 'write' | 'read';
  /** Where to look from, or to make it; the working directory if absent. */
  readonly directory?: string;
}

/** How the data wing is opened. */
export interface OpenData {
  /** Where to look for the workspace from; the working directory if absent. */
  readonly directory?: string;
  /** The command's signal does not end the store: what is in flight is answered first. Who asks so must end by itself. */
  readonly serves?: boolean;
}
