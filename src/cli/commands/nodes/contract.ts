import type { ImageEntry } from '../../../model/image.ts';
import type { NodeResult } from '../../../model/node.ts';

/** What the commands of this wing need of it; `main.ts` hands it in. */
export interface NodesCommands {
  /** Resolves what was typed to names of nodes, ascending by number; `selector/…` for what cannot be. */
  select(typed: TypedNodes): Promise<SelectedNodes>;
  /** Power, and the outlets that are asked for: a name, or `all`. */
  status(nodes: readonly string[], limits: NodeLimits, outlet?: string): Promise<readonly NodeResult[]>;
  info(nodes: readonly string[], limits: NodeLimits): Promise<readonly NodeResult[]>;
  /** Switches nodes, or their outlet; each answer has been read back from the card. */
  power(nodes: readonly string[], verb: PowerVerb, limits: NodeLimits, outlet?: string): Promise<readonly NodeResult[]>;
  /** Waits until the systems of nodes answer; `report` hears of each as soon as it is known. */
  wait(
    nodes: readonly string[],
    limits: NodeLimits,
    backoffMs: number,
    report: (result: NodeResult) => void,
  ): Promise<readonly NodeResult[]>;
  /** Puts an image on the disks of nodes and starts them from it; `image/unknown` before anything is touched. */
  load(
    nodes: readonly string[],
    image: string,
    options: LoadOptions,
    report: (result: NodeResult) => void,
  ): Promise<readonly NodeResult[]>;
  /** What would be done to each node by `load`: what it has and what it would get. */
  planLoad(nodes: readonly string[], image: string, options: LoadOptions): Promise<readonly PlannedImage[]>;
  /** The images that have a name. */
  images(): Promise<readonly ImageEntry[]>;
  /** One image by its name or the first digits of its id. */
  resolve(image: string): Promise<ImageEntry>;
  labUp(request: LabUpRequest): Promise<LabUp>;
  /** Ends the lab and removes all of it. */
  labDown(): Promise<{ readonly wasUp: boolean }>;
  /** The lab that is there; `undefined` if there is none. */
  labState(): Promise<LabState | undefined>;
  /** Serves a lab until the command is stopped. */
  labServe(directory: string): Promise<void>;
  /** What works here and what does not; also for `restage doctor`. */
  checks(): readonly NodesCheck[];
}

/** What is done to a node's power. */
export type PowerVerb = 'on' | 'off' | 'reset';

/** How long one node may take, in ms. */
export interface NodeLimits {
  readonly limitMs: number;
}

/** What was typed to choose nodes. */
export interface TypedNodes {
  readonly words: readonly string[];
  /** `-a`. */
  readonly all: boolean;
  readonly except?: string | undefined;
  /** What no words mean: all nodes, or those of the variable `NODES`, else an error. */
  readonly whenEmpty: 'all' | 'variable';
}

/** The nodes that were chosen, and what a person should know about what was typed. */
export interface SelectedNodes {
  readonly nodes: readonly SelectedNode[];
  readonly warnings: readonly string[];
  /** The inventory that they are of. */
  readonly inventory: string;
}

/** A node as the inventory has it. */
export interface SelectedNode {
  readonly name: string;
  readonly number: number;
  readonly host: string;
  readonly mac?: string | undefined;
  readonly power: string;
  readonly agent: string;
}

/** How a load of one image goes about it. */
export interface LoadOptions extends NodeLimits {
  /** How sure a disk must be to be left alone; `never`: all are written. */
  readonly check?: 'stamp' | 'blocks' | 'never';
}

/** What a load would do to the disk of one node. */
export interface PlannedImage {
  readonly node: string;
  readonly from: string;
  readonly to: string;
  /** It needs nothing. */
  readonly isRight: boolean;
  readonly bytes: number;
}

/** How a lab is made. */
export interface LabUpRequest {
  readonly count?: number | undefined;
  readonly image?: string | undefined;
  /** A file of faults, absolute or relative to the working directory. */
  readonly faults?: string | undefined;
}

/** A lab that is up. */
export interface LabUp extends LabState {
  readonly outcome: 'started' | 'restarted' | 'already';
}

/** A lab. */
export interface LabState {
  readonly directory: string;
  readonly inventory: string;
  readonly pid: number;
  /** `gone`: its process has ended, and `lab up` starts it again. */
  readonly process: 'alive' | 'gone' | 'elsewhere';
  readonly nodes: readonly { readonly name: string; readonly card: number; readonly port: number }[];
}

/** One thing of the nodes that may work here or not. */
export interface NodesCheck {
  readonly area: 'nodes';
  readonly id: string;
  readonly summary: string;
  /** Never throws. */
  probe(): Promise<
    { readonly available: true; readonly note?: string } | { readonly available: false; readonly reason: string }
  >;
}
