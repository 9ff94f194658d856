import type { CommandSpec, OptionSpec, ParameterSpec } from '../command.ts';

const STREAM: ParameterSpec = { name: 'stream', summary: 'its name: qplan/raw, or "raw qplan"', complete: 'stream' };
const STREAM_AT: ParameterSpec = { ...STREAM, summary: 'its name, with @VERSION for an older one' };
const PRINT: OptionSpec = { flags: '--print', summary: 'print the stacked stream of the wire, and do no more' };

const put: CommandSpec = {
  name: 'data put',
  summary: 'Add a version to a stream',
  parameters: [
    STREAM,
    { name: 'file', summary: 'the content; standard input if absent', optional: true, complete: 'file' },
  ],
  options: [
    { flags: '--expect <version>', summary: 'only if the stream is at this version, or `absent`' },
    {
      flags: '--input <stream...>',
      summary: 'what it was made from, each STREAM or STREAM@VERSION',
      complete: 'stream',
    },
    { flags: '--producer <name>', summary: 'who made it (user@host)' },
    { flags: '--request <id>', summary: 'a name for this request: repeated, it is answered and not performed' },
    { flags: '--message <text>', summary: 'first line of the commit message' },
    { flags: '--force', summary: 'a new version even of the same content' },
    { flags: '--delete', summary: 'end the stream; its versions stay' },
    PRINT,
  ],
  examples: [
    { line: 'restage data put "qplan raw" < plan.txt', says: 'Put a file by standard input' },
    { line: 'restage data put qplan/raw plan.txt --expect 0eab4', says: 'Only if nobody else has put since' },
  ],
  load: async () => (await import('../commands/data/put.ts')).runDataPut,
};

const get: CommandSpec = {
  name: 'data get',
  summary: 'Read a stream, now or at a version',
  parameters: [STREAM_AT],
  options: [
    { flags: '-o, --output <file>', summary: 'write into a file, whole or not at all', complete: 'file' },
    { flags: '--range <bytes>', summary: 'only these bytes, as FIRST-LAST or FIRST-' },
    { flags: '--digest', summary: 'print the digest and not the content' },
    PRINT,
  ],
  examples: [
    { line: 'restage data get qplan/raw', says: 'The newest version' },
    { line: 'restage data get qplan/raw@0eab4 -o plan.txt', says: 'A version by its first digits, into a file' },
    { line: 'restage data get "qplan/raw@{2 hours ago}"', says: 'What it was two hours ago' },
  ],
  load: async () => (await import('../commands/data/get.ts')).runDataGet,
};

const list: CommandSpec = {
  name: 'data ls',
  summary: 'List streams',
  parameters: [{ name: 'prefix', summary: 'first words of their names', optional: true, complete: 'stream' }],
  options: [{ flags: '--at <version>', summary: 'as they were at a version or a time' }],
  examples: [
    { line: 'restage data ls', says: 'All streams' },
    { line: 'restage data ls qplan --at seq:41', says: 'Those of qplan, as they were after commit 41' },
  ],
  load: async () => (await import('../commands/data/ls.ts')).runDataLs,
};

const log: CommandSpec = {
  name: 'data log',
  summary: 'Show what was put, newest first',
  parameters: [{ ...STREAM, optional: true }],
  options: [
    { flags: '--from <seq>', summary: 'nothing before this seq' },
    { flags: '--since <time>', summary: 'nothing before this time: 2026-11-20, 2h' },
    { flags: '--limit <count>', summary: 'at most so many (20)' },
    { flags: '--inputs', summary: 'with what each was made from' },
  ],
  examples: [
    { line: 'restage data log qplan', says: 'The versions of all stages of qplan' },
    { line: 'restage data log --since 2h --inputs', says: 'The last two hours, with what each was made from' },
  ],
  load: async () => (await import('../commands/data/log.ts')).runDataLog,
};

const diff: CommandSpec = {
  name: 'data diff',
  summary: 'Compare two versions',
  parameters: [
    STREAM_AT,
    {
      name: 'other',
      summary: 'another one, or @VERSION; absent: what the stream is now',
      optional: true,
      complete: 'stream',
    },
  ],
  options: [{ flags: '--stat', summary: 'count what differs and do not show it' }],
  examples: [
    { line: 'restage data diff qplan/raw@~1', says: 'What the last version changed' },
    { line: 'restage data diff qplan/raw@0eab4 @7b01c', says: 'Two versions of one stream' },
  ],
  load: async () => (await import('../commands/data/diff.ts')).runDataDiff,
};

const watch: CommandSpec = {
  name: 'data watch',
  summary: 'Show what is put, as it comes',
  parameters: [
    {
      name: 'topics',
      summary: 'first words of their names; none: all',
      optional: true,
      variadic: true,
      complete: 'stream',
    },
  ],
  options: [
    { flags: '--from <seq>', summary: 'begin at a seq, at HEAD (what is new) or at the beginning' },
    { flags: '--latest', summary: 'of several that wait of one stream, only the newest' },
    { flags: '--cursor <name>', summary: 'remember what was seen under this name, also over crashes' },
    { flags: '--exec <command>', summary: 'run a program for each; the event stands in RESTAGE_* variables' },
  ],
  examples: [
    { line: 'restage data watch qplan --from 41', says: 'From commit 41 on, then what comes' },
    {
      line: 'restage data watch qplan/raw --cursor plot --exec ./plot.sh',
      says: 'Run a program for each, exactly where it stopped',
    },
  ],
  load: async () => (await import('../commands/data/watch.ts')).runDataWatch,
};

const serve: CommandSpec = {
  name: 'serve',
  summary: 'Serve the store to ZeroMQ clients until told to stop',
  options: [
    { flags: '--dir <directory>', summary: 'the workspace to serve', complete: 'directory' },
    { flags: '--rep-port <port>', summary: 'where requests are answered (5000; 0: any)' },
    { flags: '--pub-port <port>', summary: 'where events are published (5100; 0: any)' },
    { flags: '--bind <address>', summary: 'the address to listen on (127.0.0.1)' },
    { flags: '--one-frame', summary: 'also send events in one frame, to who subscribes with =====' },
  ],
  examples: [
    { line: 'restage serve', says: 'On ports 5000 and 5100 of this machine' },
    { line: 'restage serve --rep-port 0 --pub-port 0', says: 'On any ports that are free; it says which' },
  ],
  load: async () => (await import('../commands/serve.ts')).runServe,
};

/** The commands of the data, and the service. */
export const DATA_COMMANDS: readonly CommandSpec[] = [put, get, list, log, diff, watch, serve];
