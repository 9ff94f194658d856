import { describe } from 'vitest';
import { batchChecks } from './contract/batch.ts';
import { blobChecks } from './contract/blobs.ts';
import { commitChecks } from './contract/commit.ts';
import { cursorChecks, logChecks, refChecks } from './contract/log.ts';
import { readChecks, resolveChecks } from './contract/read.ts';
import type { StoreRig } from './contract/rig.ts';

/** The promises of `Store`, checked. A bug that any engine had once stays here as a check. */
export function storeContract(start: () => Promise<StoreRig>): void {
  describe('commit', () => {
    commitChecks(start);
    batchChecks(start);
  });
  describe('read, list and history', () => {
    readChecks(start);
  });
  describe('resolve', () => {
    resolveChecks(start);
  });
  describe('log', () => {
    logChecks(start);
  });
  describe('refs and cursors', () => {
    refChecks(start);
    cursorChecks(start);
  });
  describe('blobs and upkeep', () => {
    blobChecks(start);
  });
}
