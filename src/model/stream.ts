import type { Digest, Version } from './id.ts';

/** Stages that are known without a declaration. */
export const KNOWN_STAGES = ['raw', 'conditioned', 'results'] as const;

/** Where the content of a new version comes from: bytes, a stream of them, or a file of this machine. */
export type StreamSource = Uint8Array | AsyncIterable<Uint8Array> | { readonly file: string };

/** One transaction over streams: all of it or nothing. */
export interface PutRequest {
  readonly puts: readonly PutStream[];
  /** Streams that end: their present version is the last one. */
  readonly deletes?: readonly DeleteStream[];
  /** Who makes it; `user@host` if absent. */
  readonly producer?: string | undefined;
  /** First line of the commit message. */
  readonly message?: string | undefined;
  /** Repeats with the same id are answered and not performed. */
  readonly requestId?: string | undefined;
  /** What it was made from, each as `STREAM` or `STREAM@VERSION`. */
  readonly inputs?: readonly string[] | undefined;
  /** Makes a version even of what is already there. */
  readonly force?: boolean | undefined;
}

/** A new version of one stream. */
export interface PutStream {
  readonly stream: string;
  readonly source: StreamSource;
  /** The version that the stream must be at, as text, or `absent`. */
  readonly expect?: string | undefined;
}

/** The end of one stream. */
export interface DeleteStream {
  readonly stream: string;
  readonly expect?: string | undefined;
}

/** What a transaction made. */
export interface PutAnswer {
  /** Of the whole transaction; where nothing changed, the present head. */
  readonly version: Version;
  readonly seq: number;
  /** In the order in which they were asked for. */
  readonly streams: readonly PutOutcome[];
}

/** What a transaction did to one stream. */
export interface PutOutcome {
  readonly stream: string;
  readonly topic: string;
  /** `unchanged`: the content was already there, and `version` is the one it has been there since. */
  readonly change: 'put' | 'delete' | 'unchanged';
  readonly version: Version;
  readonly seq: number;
  readonly digest?: Digest;
  /** Bytes. */
  readonly size?: number;
}

/** One stream at one version, without its content. */
export interface StreamEntry {
  /** Such as `qplan/raw`. */
  readonly stream: string;
  /** Such as `qplan raw`. */
  readonly topic: string;
  /** The version in which it became what it is. */
  readonly version: Version;
  readonly seq: number;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly type?: string;
}

/** One change of one stream, as the history holds it. */
export interface StreamEvent {
  readonly seq: number;
  readonly version: Version;
  /** ms since the epoch. */
  readonly time: number;
  readonly producer: string;
  /** First line of the commit message. */
  readonly subject: string;
  readonly stream: string;
  readonly topic: string;
  readonly change: 'put' | 'delete';
  /** Seq of the change before this one of the same stream. Other than the last one seen: something was missed. */
  readonly previous?: number;
  readonly digest?: Digest;
  /** Bytes. */
  readonly size?: number;
  readonly requestId?: string;
  readonly inputs: readonly StreamInput[];
}

/** What one commit did to streams: nothing, where it saved a snapshot. */
export interface StreamCommit {
  readonly seq: number;
  readonly events: readonly StreamEvent[];
}

/** What a version was made from. */
export interface StreamInput {
  readonly stream: string;
  readonly version: Version;
  readonly digest: Digest;
}

/** Splits a name as people type it, such as `raw qplan` or `qplan/raw`, at blanks and slashes. */
export function streamWords(text: string): readonly string[] {
  return text
    .normalize('NFC')
    .split(/[ \t/]+/)
    .filter((word) => word !== '');
}

/** Splits `STREAM@VERSION` at the first `@`, which no name may have. */
export function splitAtVersion(text: string): { readonly stream: string; readonly version?: string } {
  const at = text.indexOf('@');
  return at < 0 ? { stream: text } : { stream: text.slice(0, at), version: text.slice(at + 1) };
}

/** Whether a topic is one of those asked for, or lies below one: whole words count, and no words ask for all. */
export function matchesTopic(topic: string, asked: readonly string[]): boolean {
  return asked.length === 0 || asked.some((one) => topic === one || topic.startsWith(`${one} `));
}
