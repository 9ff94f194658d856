import { unreachable } from '../../model/unreachable.ts';
import type { Committed } from '../contract.ts';
import type { Lock } from '../lock.ts';
import { advanceBatch, type BatchEffect, type BatchEvent, type BatchState } from './batch-state.ts';
import { Draft, type PreparedRequest } from './draft.ts';
import type { History } from './history.ts';
import type { LogIndex } from './log-index.ts';
import type { ObjectReader } from './object-reader.ts';
import { type PublishContext, Publishing } from './pack-writer.ts';
import type { RememberedAnswer, RequestMemory } from './request-memory.ts';
import { oneLine } from './trailers.ts';
import type { Trees } from './tree-edit.ts';

/** What the writer of the branch stands on. */
export interface GroupCommitParts extends PublishContext {
  readonly history: History;
  readonly index: LogIndex;
  readonly trees: Trees;
  readonly objects: ObjectReader;
  readonly branch: string;
  readonly now: () => number;
  readonly requests: RequestMemory;
  /** Called under the lock, after a batch is durable: for what is derived from it. Must not reject. */
  readonly written: () => Promise<void>;
}

/** Requests that one batch takes. */
const BATCH_LIMIT = 256;

interface Waiting {
  readonly prepared: PreparedRequest;
  readonly resolve: (answer: Committed) => void;
  readonly reject: (reason: unknown) => void;
}

interface Batch {
  readonly lock: Lock;
  readonly draft: Draft;
  readonly publishing: Publishing;
  readonly answers: readonly (readonly [Waiting, Committed])[];
}

/** Writes commits: all that wait together become one pack and one round of fsync, each still a commit of its own. */
export class GroupCommit {
  readonly #parts: GroupCommitParts;
  readonly #waiting: Waiting[] = [];
  #state: BatchState = { is: 'idle' };
  #taken: Waiting[] = [];
  #batch: Partial<Batch> = {};
  #idle: Promise<void> = Promise.resolve();

  constructor(parts: GroupCommitParts) {
    this.#parts = parts;
  }

  /** Resolves when the commit is durable. */
  submit(prepared: PreparedRequest): Promise<Committed> {
    const answer = new Promise<Committed>((resolve, reject) => this.#waiting.push({ prepared, resolve, reject }));
    if (this.#state.is === 'idle') this.#idle = this.#run({ on: 'submitted' });
    return answer;
  }

  /** Resolves when nothing is in flight any more. */
  async drain(): Promise<void> {
    while (this.#state.is !== 'idle') await this.#idle;
  }

  /** The interpreter of the batch machine: never rejects. */
  async #run(first: BatchEvent): Promise<void> {
    let event: BatchEvent | undefined = first;
    while (event) {
      const { state, effect } = advanceBatch(this.#state, event);
      this.#state = state;
      // Nothing may come between the look at who waits and the end of the run, or they would wait for ever.
      if (effect) event = await this.#perform(effect);
      else event = state.is === 'idle' && this.#waiting.length > 0 ? { on: 'submitted' } : undefined;
    }
  }

  async #perform(effect: BatchEffect): Promise<BatchEvent> {
    try {
      return await this.#effect(effect);
    } catch (cause) {
      return { on: 'failed', cause };
    }
  }

  async #effect(effect: BatchEffect): Promise<BatchEvent> {
    switch (effect) {
      case 'lock':
        this.#batch = { lock: await this.#lock() };
        return { on: 'locked' };
      case 'build':
        return this.#build();
      case 'sync':
        await this.#batch.publishing?.sync();
        return { on: 'synced' };
      case 'link':
        await this.#batch.publishing?.link();
        await this.#takeIn();
        return { on: 'linked' };
      case 'settle':
        return this.#settle();
      case 'withdraw':
        return this.#withdraw();
      default:
        return unreachable(effect);
    }
  }

  #lock(): Promise<Lock> {
    const { locks, gitDirectory, branch } = this.#parts;
    return locks.take(`${gitDirectory}/${branch}.lock`);
  }

  async #build(): Promise<BatchEvent> {
    const { history, branch } = this.#parts;
    this.#taken = this.#waiting.splice(0, BATCH_LIMIT);
    const before = (await history.refresh())?.version;
    const { draft, answers } = await this.#draft();
    this.#taken = answers.map(([waiting]) => waiting);
    const after = draft.head?.version;
    const refs = after === undefined || after === before ? [] : [{ name: branch, before, after }];
    const publishing = new Publishing({ objects: draft.objects, refs }, this.#parts);
    this.#batch = { ...this.#batch, draft, publishing, answers };
    return { on: 'built', isEmpty: refs.length === 0 };
  }

  async #draft(): Promise<Required<Pick<Batch, 'draft' | 'answers'>>> {
    const { history, index, trees, requests, now } = this.#parts;
    const draft = new Draft(history, index, trees, requests);
    const answers: (readonly [Waiting, Committed])[] = [];
    const silent: RememberedAnswer[] = [];
    for (const waiting of this.#taken) {
      try {
        const at = now();
        const { answer, kind } = await draft.add(waiting.prepared, at);
        answers.push([waiting, answer]);
        const { requestId } = waiting.prepared.request;
        if (kind === 'unchanged' && requestId !== undefined) silent.push({ requestId: oneLine(requestId), at, answer });
      } catch (reason) {
        waiting.reject(reason); // This request alone.
      }
    }
    if (silent.length > 0) await requests.remember(silent);
    return { draft, answers };
  }

  /** What is durable now is read at once. */
  async #takeIn(): Promise<void> {
    const { history, objects } = this.#parts;
    const { draft } = this.#batch;
    if (!draft?.head) return;
    for (const { id, kind, parts } of draft.objects) {
      // Big trees are kept in pieces, by those who edit them.
      if (kind === 'tree' && parts.length > 1) continue;
      const [only] = parts;
      const body = parts.length === 1 && only ? only : Buffer.concat(parts);
      objects.remember(id, { kind, body: Buffer.from(body.buffer, body.byteOffset, body.length) });
    }
    await history.advance(draft.head, draft.commits, draft.entries);
  }

  async #settle(): Promise<BatchEvent> {
    const { lock, publishing, answers = [], draft } = this.#batch;
    if (draft && draft.commits.length > 0) await this.#parts.written();
    // What is durable stays so, whatever becomes of the marks: the next opening removes those that are left.
    await Promise.allSettled([publishing?.release(), lock?.release()]);
    for (const [{ resolve }, answer] of answers) resolve(answer);
    return this.#next();
  }

  async #withdraw(): Promise<BatchEvent> {
    const { lock, publishing } = this.#batch;
    const cause = this.#state.is === 'failed' ? this.#state.cause : undefined;
    await publishing?.withdraw();
    await lock?.release().catch(() => undefined);
    // Nobody was taken while the lock was out of reach: those who wait for it fail with it.
    const failed = this.#taken.length > 0 || lock ? this.#taken : this.#waiting.splice(0);
    for (const { reject } of failed) reject(cause);
    return this.#next();
  }

  #next(): BatchEvent {
    this.#taken = [];
    this.#batch = {};
    return { on: 'settled' };
  }
}
