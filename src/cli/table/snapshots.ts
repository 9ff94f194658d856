import { LAYER_KINDS } from '../../model/id.ts';
import type { CommandSpec, OptionSpec } from '../command.ts';

const ONLY: OptionSpec = { flags: '--only <layer...>', summary: 'these layers and no other', choices: LAYER_KINDS };
const NODES: OptionSpec = {
  flags: '--nodes <selector>',
  summary: 'these nodes; implies --only nodes',
  complete: 'node',
};
const EXCEPT: OptionSpec = { flags: '--except <selector>', summary: 'nodes: all but these', complete: 'node' };
const MESSAGE: OptionSpec = { flags: '-m, --message <text>', summary: 'what the save is for' };
const CHECK: OptionSpec = {
  flags: '--check <how>',
  summary: 'nodes: how sure a disk must be',
  choices: ['stamp', 'blocks', 'never'],
};
const SYSTEM: OptionSpec = { flags: '--system', summary: "environment: the machine's own packages too" };
const IMAGES: OptionSpec = {
  flags: '--images <which>',
  summary: 'nodes: whose disks are copied into the store',
  choices: ['never', 'changed', 'always'],
};
const STRICT: OptionSpec = { flags: '--strict', summary: 'what cannot be read is a failure' };
const LOAD_OPTIONS: readonly OptionSpec[] = [
  ...[ONLY, NODES, EXCEPT, CHECK, SYSTEM],
  { flags: '--others <what>', summary: 'nodes that the snapshot does not have', choices: ['leave', 'off'] },
  { flags: '--only-power', summary: 'nodes: power alone, no disks' },
  { flags: '--exact', summary: 'data: also remove files that the snapshot does not have' },
  { flags: '--restore-db', summary: 'session: databases too' },
];
const SNAPSHOT = { name: 'snapshot', summary: 'NAME, NAME.snap, a path, NAME@VERSION', complete: 'snapshot' } as const;

/** The commands over whole snapshots. */
export const SNAPSHOT_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'init',
    summary: 'Make a workspace here, or in a directory',
    parameters: [{ name: 'directory', optional: true, complete: 'directory' }],
    examples: [{ line: 'restage init', says: 'begin in the working directory' }],
    load: async () => (await import('../commands/init.ts')).runInit,
  },
  {
    name: 'save',
    summary: 'Save the state of the experiment as a snapshot',
    parameters: [{ name: 'name' }],
    options: [ONLY, MESSAGE, NODES, EXCEPT, IMAGES, STRICT],
    examples: [
      { line: 'restage save demo', says: 'all layers, one version' },
      { line: 'restage save demo --only session data', says: 'two of them' },
    ],
    load: async () => (await import('../commands/save.ts')).runSave,
  },
  {
    name: 'load',
    summary: 'Put the experiment back as a snapshot has it',
    parameters: [SNAPSHOT],
    options: [...LOAD_OPTIONS, { flags: '--abandon', summary: 'forget a load of something else that was interrupted' }],
    plans: true,
    examples: [
      { line: 'restage load demo --plan', says: 'what it would do, step by step' },
      { line: 'restage load demo@~1 --yes', says: 'the save before the last, without asking' },
    ],
    load: async () => (await import('../commands/load.ts')).runLoad,
  },
  {
    name: 'undo',
    summary: 'Put back what the last load changed',
    options: LOAD_OPTIONS,
    plans: true,
    examples: [{ line: 'restage undo', says: 'twice: and it is loaded again' }],
    load: async () => (await import('../commands/undo.ts')).runUndo,
  },
  {
    name: 'view',
    summary: 'Show what is in a snapshot',
    parameters: [SNAPSHOT],
    options: [ONLY],
    aliases: ['show'],
    examples: [
      { line: 'restage view demo', says: 'a headline and a table for each layer' },
      { line: 'restage view live --only session', says: 'the present state' },
    ],
    load: async () => (await import('../commands/view.ts')).runView,
  },
  {
    name: 'diff',
    summary: 'Show what differs between two snapshots, or a snapshot and now',
    parameters: [
      { name: 'from', summary: 'a snapshot or `live`', complete: 'snapshot' },
      { name: 'to', summary: 'a snapshot or `live`, which is the default', optional: true, complete: 'snapshot' },
    ],
    options: [ONLY, NODES, EXCEPT, CHECK, SYSTEM],
    examples: [
      { line: 'restage diff demo live', says: 'what has drifted since; status 1 if anything has' },
      { line: 'restage diff demo@~1 demo', says: 'two saves of one name' },
    ],
    load: async () => (await import('../commands/diff.ts')).runDiff,
  },
  {
    name: 'list',
    summary: 'List the snapshots',
    aliases: ['ls'],
    examples: [{ line: 'restage list', says: 'here, yours, the public ones, and what only the store has' }],
    load: async () => (await import('../commands/list-snapshots.ts')).runList,
  },
  {
    name: 'log',
    summary: 'List the saves in the history',
    parameters: [{ ...SNAPSHOT, optional: true }],
    options: [{ flags: '-n, --limit <count>', summary: 'at most so many (20)' }],
    examples: [{ line: 'restage log demo', says: 'each version can be loaded as demo@VERSION' }],
    load: async () => (await import('../commands/log.ts')).runLog,
  },
  {
    name: 'rm',
    summary: 'Remove the file of a snapshot',
    parameters: [SNAPSHOT],
    options: [{ flags: '--purge', summary: 'also what the store keeps for it' }],
    plans: true,
    aliases: ['remove'],
    examples: [{ line: 'restage rm demo --purge --plan', says: 'says how many bytes that would free' }],
    load: async () => (await import('../commands/rm.ts')).runRemove,
  },
  {
    name: 'share',
    summary: 'Promote a snapshot to the public ones',
    parameters: [SNAPSHOT],
    examples: [{ line: 'restage share demo', says: 'refused with the list if something looks secret' }],
    load: async () => (await import('../commands/share.ts')).runShare,
  },
  {
    name: 'export',
    summary: 'Bundle a snapshot with all it refers to in one file',
    parameters: [SNAPSHOT],
    options: [
      { flags: '-o, --output <file>', summary: 'the bundle (NAME.snap.tar)', complete: 'file' },
      { flags: '--accept-secrets', summary: 'also if something looks secret' },
    ],
    examples: [{ line: 'restage export demo -o demo.snap.tar', says: 'to send it to another machine' }],
    load: async () => (await import('../commands/export.ts')).runExport,
  },
  {
    name: 'import',
    summary: 'Take in a bundle, verifying every digest',
    parameters: [{ name: 'file', complete: 'file' }],
    options: [{ flags: '--as <name>', summary: 'under another name' }],
    examples: [{ line: 'restage import demo.snap.tar', says: 'then: restage load demo' }],
    load: async () => (await import('../commands/import.ts')).runImport,
  },
  {
    name: 'verify',
    summary: 'Re-read and re-hash a snapshot, or the whole store',
    parameters: [{ ...SNAPSHOT, optional: true }],
    options: [
      { flags: '--store', summary: 'everything in the store' },
      { flags: '--quick', summary: 'heads and indexes only' },
    ],
    examples: [
      { line: 'restage verify demo', says: 'status 1 if anything is damaged, and what' },
      { line: 'restage verify --store', says: 'everything' },
    ],
    load: async () => (await import('../commands/verify.ts')).runVerify,
  },
  {
    name: 'gc',
    summary: 'Free what nothing refers to',
    plans: true,
    examples: [{ line: 'restage gc --plan', says: 'how much that would be' }],
    load: async () => (await import('../commands/gc.ts')).runGc,
  },
  {
    name: 'snap',
    summary: 'Save, load or view the nodes of a testbed alone',
    parameters: [
      { name: 'name', complete: 'snapshot' },
      { name: 'nodes', summary: 'a selector such as 1-12 ~4', optional: true, variadic: true, complete: 'node' },
    ],
    options: [
      { flags: '-s, --save', summary: 'save them' },
      { flags: '-l, --load', summary: 'load them' },
      { flags: '-v, --view', summary: 'show them (the default)' },
      ...[MESSAGE, NODES, EXCEPT, IMAGES, STRICT, CHECK],
      ...LOAD_OPTIONS.filter(({ flags }) => /--others|--only-power/.test(flags)),
    ],
    plans: true,
    aliases: ['snapshot', 'testbed'],
    examples: [
      { line: 'restage snap --save demo', says: 'the same as: rsnap -s demo' },
      { line: 'restage snap --load demo 1-12 ~4', says: 'some of the nodes' },
    ],
    load: async () => (await import('../commands/snap.ts')).runSnap,
  },
];
