import type { PutAnswer, PutRequest, StreamCommit, StreamEntry } from '../model/stream.ts';

/** What the service needs of the data; `main.ts` hands it in. All calls fail with `RestageError` where it is expected. */
export interface StreamService {
  put(request: PutRequest): Promise<PutAnswer>;
  /** Reads a stream, at a version as text or now. */
  read(stream: string, version: string | undefined): Promise<StreamContent>;
  /** Every commit from a seq on, also of other processes; ends or rejects when the store ends. */
  follow(from: number): AsyncIterable<StreamCommit>;
  /** The seq of the newest commit; 0 while there is none. */
  headSeq(): Promise<number>;
}

/** A stream at one version. */
export interface StreamContent {
  readonly entry: StreamEntry;
  readonly member: { bytes(): Promise<Uint8Array> };
}
