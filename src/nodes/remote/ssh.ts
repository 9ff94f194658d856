import { failure } from '../answer.ts';
import { defineRemoteDriver, isPlainWord } from './contract.ts';

/** A node that has not answered by then does not answer. */
const LIMIT_S = '4';
/** Keys of nodes change with their image, so they are neither checked nor kept; nothing is ever asked. */
const OPTIONS = ['BatchMode=yes', 'ConnectTimeout=3', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null'];
/** What ssh itself ends with, and what coreutils' `timeout` does. */
const SSH_FAILED = 255;
const TIMED_OUT = 124;

/** The OpenSSH client, with the user's own configuration. */
export const ssh = defineRemoteDriver({
  id: 'ssh',
  summary: 'the OpenSSH client',

  async run({ control, ssh: { user, port } }, file, args, context) {
    const words = [file, ...args];
    if (!words.every(isPlainWord)) throw new Error(`no plain words: ${words.join(' ')}`);
    const place = `${user}@${control.host}`;
    const options = [...OPTIONS.flatMap((option) => ['-o', option]), '-p', String(port)];
    const { status, stdout, stderr } = await context.exec('timeout', [
      LIMIT_S,
      'ssh',
      ...options,
      '--',
      place,
      ...words,
    ]);
    if (status === TIMED_OUT) return failure('ssh-timeout', `no ssh on ${place} in ${LIMIT_S} s`);
    if (status === SSH_FAILED) return failure('ssh-timeout', stderr.trim().split('\n').at(-1) ?? `no ssh on ${place}`);
    if (status === 127 && stdout === '') return failure('ssh-timeout', 'there is no program ssh on this machine');
    return { ok: true, value: { status, stdout } };
  },
});
