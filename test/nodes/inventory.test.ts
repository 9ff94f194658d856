import { describe, expect, test } from 'vitest';
import { parseInventory } from '../../src/nodes/inventory.ts';

const OURS = `testbed: r2lab
defaults: {agent: restage, boot: [ipxe, pxelinux], disk: /dev/sda, ssh: {user: root, port: 22}, arch: x86_64}
groups: {usrp: "11,12", gpu: "1-4"}
nodes:
  fit02:
    number: 2
    power: [{driver: cmc, host: reboot02}]
    ssh: {port: 2222}
  fit01:
    number: 1
    control: {host: fit01, ip: 192.168.3.1, mac: "00:03:1D:0E:03:19"}
    power: [{driver: cmc, host: reboot01}]
    escalate: [{driver: pdu-http, host: relay-01, outlet: 3}]
    outlets: {usrp: {driver: cmc, host: reboot01, verbs: usrp}}
    at: [12, 3]
`;

const RHUBARBE = JSON.stringify([
  {
    cmc: { hostname: 'reboot15', ip: '192.168.1.15', mac: '02:00:00:00:00:0F' },
    control: { hostname: 'fit41', ip: '192.168.3.41', mac: '00:03:1D:0E:03:41' },
    data: { hostname: 'data41', ip: '192.168.2.41', mac: '00:03:1d:0e:03:42' },
  },
]);

describe('parseInventory', () => {
  test('reads ours: ascending by number, defaults filled in, MAC addresses in lower case', () => {
    const { testbed, groups, nodes } = parseInventory(OURS, 'inventory.yaml');
    expect(testbed).toBe('r2lab');
    expect(groups.get('usrp')).toBe('11,12');
    expect(nodes.map(({ name }) => name)).toEqual(['fit01', 'fit02']);
    expect(nodes[0]).toMatchObject({
      control: { host: 'fit01', mac: '00:03:1d:0e:03:19' },
      power: [{ driver: 'cmc', host: 'reboot01' }],
      outlets: { usrp: { verbs: 'usrp' } },
      ssh: { driver: 'ssh', user: 'root', port: 22 },
    });
    expect(nodes[1]).toMatchObject({ control: { host: 'fit02' }, ssh: { user: 'root', port: 2222 }, disk: '/dev/sda' });
  });

  test('reads that of rhubarbe: the number is the slot, the name that of the control interface', () => {
    const { nodes } = parseInventory(RHUBARBE, '/etc/rhubarbe/inventory.json');
    expect(nodes).toMatchObject([
      {
        ...{ name: 'fit41', number: 15, control: { host: 'fit41', mac: '00:03:1d:0e:03:41' } },
        ...{ power: [{ driver: 'cmc', host: 'reboot15' }], outlets: { usrp: { verbs: 'usrp' } } },
      },
    ]);
  });

  const node = (name: string, number: number, mac: string) =>
    `  ${name}: {number: ${number}, control: {host: h, mac: "${mac}"}}\n`;

  test.each([
    { second: node('a', 2, '00:00:00:00:00:02'), what: 'name a', why: 'the same name' },
    { second: node('b', 1, '00:00:00:00:00:02'), what: 'number 1', why: 'the same number' },
    {
      second: node('b', 2, '00:00:00:00:00:AA'),
      what: 'MAC address 00:00:00:00:00:aa',
      why: 'the same MAC, in capitals',
    },
  ])('names both lines: $why', ({ second, what }) => {
    const text = `testbed: t\nnodes:\n${node('a', 1, '00:00:00:00:00:aa')}${second}`;
    expect(() => parseInventory(text, 'i.yaml')).toThrow(
      expect.objectContaining({
        code: 'inventory/duplicate',
        message: `two nodes have the ${what}: lines 3 and 4 of i.yaml`,
      }),
    );
  });

  test.each([
    { text: 'nodes: [', says: 'line 1', why: 'no YAML' },
    { text: 'hello', says: 'neither a map nor a list', why: 'a word' },
    { text: 'testbed: t', says: 'there is no map of nodes', why: 'no nodes' },
    { text: 'testbed: t\nnodes: {a: {}}', says: 'nodes.a.number', why: 'no number' },
    { text: 'testbed: t\nnodes: {a: {number: 1, colour: red}}', says: 'colour', why: 'a key that nobody knows' },
    {
      text: '[{"cmc": {"hostname": "x"}, "control": {"hostname": "y"}}]',
      says: 'no number',
      why: 'a card without number',
    },
  ])('says what it cannot read: $why', ({ text, says }) => {
    expect(() => parseInventory(text, 'i.yaml')).toThrow(
      expect.objectContaining({ code: 'inventory/malformed', message: expect.stringContaining(says) as string }),
    );
  });
});
