import type { CommandSpec, OptionSpec, ParameterSpec } from '../command.ts';

const NODES: ParameterSpec = {
  name: 'nodes',
  summary: 'a selector, such as 1-12 fit15-reboot18 ~4-6 @on; absent: the variable NODES',
  optional: true,
  variadic: true,
  complete: 'node',
};
const ALL: OptionSpec = { flags: '-a, --all-nodes', summary: 'all nodes first, then what is added or taken away' };
const EXCEPT: OptionSpec = { flags: '--except <nodes>', summary: 'leave these out; written without ~' };
const OUTLET: OptionSpec = { flags: '--outlet <name>', summary: 'an outlet of the node such as usrp, or `all`' };

/** The commands of the nodes. */
export const NODES_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'nodes ls',
    summary: 'List the nodes of the inventory',
    aliases: ['nodes list'],
    parameters: [NODES],
    options: [ALL, EXCEPT, { flags: '--long', summary: 'with number, address, card and agent' }],
    examples: [
      { line: 'restage nodes ls', says: 'the names of all nodes' },
      { line: 'restage nodes ls 1-12 ~4-6 --long', says: 'nine of them, with what the inventory says' },
    ],
    load: async () => (await import('../commands/nodes/ls.ts')).runNodesLs,
  },
  {
    name: 'nodes status',
    summary: 'Show which nodes are on',
    parameters: [NODES],
    options: [...choosing(10), OUTLET],
    timeout: 10,
    examples: [
      { line: 'restage nodes status -a', says: 'ends with 1 if the power of any node is unknown' },
      { line: 'restage nodes status 1-4 --outlet usrp', says: 'with the outlet usrp of each' },
    ],
    load: async () => (await import('../commands/nodes/status.ts')).runNodesStatus,
  },
  {
    name: 'nodes info',
    summary: 'Show what the cards of nodes say about themselves',
    parameters: [NODES],
    options: choosing(10),
    timeout: 10,
    examples: [{ line: 'restage nodes info 3', says: 'firmware and more of the card of node 3' }],
    load: async () => (await import('../commands/nodes/status.ts')).runNodesInfo,
  },
  {
    name: 'nodes on',
    summary: 'Switch nodes on',
    parameters: [NODES],
    options: [...choosing(60), OUTLET],
    timeout: 60,
    plans: true,
    examples: [
      { line: 'restage nodes on 1-4', says: 'those that are on already stay as they are' },
      { line: 'restage nodes on -a --outlet usrp', says: 'their outlets usrp, and not the nodes' },
    ],
    load: async () => (await import('../commands/nodes/power.ts')).runNodesOn,
  },
  {
    name: 'nodes off',
    summary: 'Switch nodes off',
    parameters: [NODES],
    options: [...choosing(60), OUTLET],
    timeout: 60,
    plans: true,
    examples: [
      { line: 'restage nodes off 3 --yes', says: 'without asking' },
      { line: 'restage nodes off @on --plan', says: 'what would be done' },
    ],
    load: async () => (await import('../commands/nodes/power.ts')).runNodesOff,
  },
  {
    name: 'nodes reset',
    summary: 'Start nodes again; those that are off are on afterwards',
    parameters: [NODES],
    options: choosing(60),
    timeout: 60,
    plans: true,
    examples: [{ line: 'restage nodes reset 1-4 --yes', says: 'without asking' }],
    load: async () => (await import('../commands/nodes/power.ts')).runNodesReset,
  },
  {
    name: 'nodes wait',
    summary: 'Wait until the systems of nodes answer',
    parameters: [NODES],
    options: [
      ...choosing(300),
      { flags: '-b, --backoff <time>', summary: 'pause between two questions, on average (3)' },
      { flags: '-s, --silent', summary: 'print nothing' },
    ],
    timeout: 300,
    examples: [{ line: 'restage nodes wait -a -t 2m', says: 'prints `fit01:ssh OK` or `KO` for each' }],
    load: async () => (await import('../commands/nodes/wait.ts')).runNodesWait,
  },
  {
    name: 'nodes load',
    summary: 'Put an image on the disks of nodes',
    parameters: [NODES],
    options: [
      { flags: '-i, --image <image>', summary: 'its name, or the first digits of its id', complete: 'image' },
      {
        flags: '--check <how>',
        summary: 'how sure a disk must be to be left alone (stamp)',
        choices: ['stamp', 'blocks', 'never'],
      },
      ...choosing(300),
    ],
    timeout: 300,
    plans: true,
    examples: [
      { line: 'restage nodes load -i ubuntu-22.04 1-12 fit15-reboot18 ~4-6', says: 'asks before it overwrites' },
      { line: 'restage nodes load -i fedora-36 5 --yes', says: 'without asking' },
    ],
    load: async () => (await import('../commands/nodes/load.ts')).runNodesLoad,
  },
  {
    name: 'nodes images',
    summary: 'List the images in the store',
    parameters: [
      { name: 'words', summary: 'only those whose name has one of these words', optional: true, variadic: true },
    ],
    examples: [{ line: 'restage nodes images ubuntu', says: 'those with ubuntu in their name' }],
    load: async () => (await import('../commands/nodes/images.ts')).runNodesImages,
  },
  {
    name: 'nodes resolve',
    summary: 'Show which image a name or the beginning of an id means',
    parameters: [{ name: 'image', complete: 'image' }],
    examples: [{ line: 'restage nodes resolve ubuntu-22.04', says: 'its id' }],
    load: async () => (await import('../commands/nodes/images.ts')).runNodesResolve,
  },
  {
    name: 'nodes doctor',
    summary: 'Look at what the nodes need: an inventory, and drivers for what it names',
    examples: [{ line: 'restage nodes doctor', says: 'ends with 1 if something is missing' }],
    load: async () => (await import('../commands/nodes/doctor.ts')).runNodesDoctor,
  },
  {
    name: 'nodes lab up',
    summary: 'Start a simulated testbed on this machine, which the workspace uses until `nodes lab down`',
    parameters: [{ name: 'count', summary: 'how many nodes (8)', optional: true }],
    options: [
      { flags: '--kind <kind>', summary: 'how a node is simulated', choices: ['sim'] },
      { flags: '--image <image>', summary: 'the image on their disks (ubuntu-22.04)', complete: 'image' },
      {
        flags: '--faults <file>',
        summary: 'what is wrong with which node, as YAML: `fit03: {card: hang}`',
        complete: 'file',
      },
    ],
    examples: [{ line: 'restage nodes lab up 8 --kind sim', says: 'eight nodes; again after a crash: as they were' }],
    load: async () => (await import('../commands/nodes/lab.ts')).runLabUp,
  },
  {
    name: 'nodes lab down',
    summary: 'End the simulated testbed and remove it',
    examples: [{ line: 'restage nodes lab down', says: 'fine if there is none' }],
    load: async () => (await import('../commands/nodes/lab.ts')).runLabDown,
  },
  {
    name: 'nodes lab ls',
    summary: 'Show the simulated testbed',
    examples: [{ line: 'restage nodes lab ls', says: 'where its cards and nodes answer' }],
    load: async () => (await import('../commands/nodes/lab.ts')).runLabLs,
  },
  {
    name: 'nodes lab serve',
    summary: 'Serve a simulated testbed in the foreground; `nodes lab up` starts this by itself',
    parameters: [{ name: 'directory', summary: 'the folder of the lab', complete: 'directory' }],
    examples: [{ line: 'restage nodes lab serve .restage/nodes/lab', says: 'until Ctrl-C' }],
    hidden: true,
    load: async () => (await import('../commands/nodes/lab.ts')).runLabServe,
  },
];

/** The options of a command that works on nodes, with the seconds that it usually has. */
function choosing(seconds: number): readonly OptionSpec[] {
  return [ALL, EXCEPT, { flags: '-t, --timeout <time>', summary: `deadline of the command (${seconds})` }];
}
