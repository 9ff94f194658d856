import type { PutAnswer, PutRequest, StreamEntry, StreamEvent, StreamSource } from '../../../model/stream.ts';

/** What the commands of this wing need of it; `main.ts` hands it in. */
export interface DataCommands {
  put(request: PutRequest): Promise<PutAnswer>;
  /** Reads `STREAM` or `STREAM@VERSION`. */
  get(text: string): Promise<ReadStream>;
  /** The streams whose names begin with a prefix, at a version as text. */
  list(prefix: string, at?: string): Promise<readonly StreamEntry[]>;
  /** The newest events, newest first. */
  log(request: StreamLogRequest): Promise<readonly StreamEvent[]>;
  /** Compares `STREAM[@VERSION]` with another one, or with what that stream is now. */
  diff(from: string, to?: string): Promise<StreamComparison>;
  /** Events as they come, until the command is interrupted. */
  watch(request: StreamWatchRequest): AsyncIterable<DeliveredEvent>;
  /** Runs a program for an event, which stands in its variables `RESTAGE_*`. */
  consume(command: string, event: StreamEvent): Promise<ConsumerResult>;
  /** Writes content into a file, whole or not at all. */
  save(path: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** The topic of a name as it was typed. */
  topic(stream: string): Promise<string>;
  /** The bytes of what would be put. */
  content(source: StreamSource): AsyncIterable<Uint8Array>;
  /** The message that would put a content, as the service takes it. */
  putMessage(topic: string, content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** The reply that the service would give. */
  getMessage(found: ReadStream): AsyncIterable<Uint8Array>;
  /** Starts the service; it runs until it is ended. */
  serve(options: ServeRequest): Promise<RunningService>;
}

/** A stream at one version, with its content. */
export interface ReadStream {
  readonly entry: StreamEntry;
  readonly member: { stream(range?: { readonly start: number; readonly end: number }): AsyncIterable<Uint8Array> };
}

/** Which events are asked for. */
export interface StreamLogRequest {
  readonly stream?: string | undefined;
  readonly from?: number | undefined;
  /** ms since the epoch. */
  readonly since?: number | undefined;
  readonly limit: number;
}

/** How two versions differ. */
export interface StreamComparison {
  readonly from: StreamEntry;
  readonly to: StreamEntry;
  readonly isEqual: boolean;
  readonly text?: {
    readonly differ: string;
    readonly lines: readonly string[];
    readonly added: number;
    readonly removed: number;
  };
}

/** Which events are watched. */
export interface StreamWatchRequest {
  readonly topics: readonly string[];
  /** A seq, `HEAD` or `beginning`. */
  readonly from: string;
  readonly latest: boolean;
  readonly cursor?: string | undefined;
}

/** An event, and what to say about it. */
export interface DeliveredEvent {
  readonly event: StreamEvent;
  readonly attempt: number;
  ack(): Promise<void>;
  nack(): Promise<void>;
}

/** How a program ended that was run for an event. */
export interface ConsumerResult {
  readonly status: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/** How the service is started. */
export interface ServeRequest {
  /** The address that it listens on. */
  readonly bind: string;
  /** 0: any port that is free. */
  readonly repPort: number;
  readonly pubPort: number;
  readonly oneFrame: boolean;
  /** Told what went wrong inside, one line each. */
  readonly report: (line: string) => void;
}

/** A service that runs. */
export interface RunningService {
  readonly repPort: number;
  readonly pubPort: number;
  /** Resolves when it has ended; rejects when it could not go on. */
  readonly ended: Promise<void>;
  /** Answers what is in flight, then ends. May be called twice, never throws. */
  stop(): Promise<void>;
}
