/** What stands where a secret stood. */
export const REDACTED = '***';

/** Words that make a key secret wherever they stand in it. */
const SECRET_PARTS = /passw|passphrase|secret|credential|apikey/;
/** Words that make a key secret as a whole word. */
const SECRET_WORDS: ReadonlySet<string> = new Set(['token', 'tokens', 'authorization', 'pwd', 'pass']);

/** Shapes that are secrets wherever they stand. */
const SECRET_SHAPES: readonly RegExp[] = [
  /\bgh[pousr]_[A-Za-z0-9]{36,}\b/g, // GitHub
  /\bglpat-[\w-]{20,}/g, // GitLab
  /\bnpm_[A-Za-z0-9]{36}\b/g,
  /\bxox[abprs]-[\w-]{10,}/g, // Slack
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, // AWS
  /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}\b/g, // JWT
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];

/** Whether a key (of a variable, a query, a field) is one whose value is kept back. */
export function isSecretKey(key: string): boolean {
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  if (words.length === 1 && words[0] === 'pwd' && key === 'PWD') return false; // The working directory.
  // A key alone is the key of a sort; together with another word (`api_key`, `ACCESS_KEY_ID`) it opens something.
  if (words.length > 1 && words.some((word) => word === 'key' || word === 'keys')) return true;
  return SECRET_PARTS.test(words.join('')) || words.some((word) => SECRET_WORDS.has(word));
}

/** Whether a text has the shape of a secret. */
export function looksSecret(text: string): boolean {
  return SECRET_SHAPES.some((shape) => text.search(shape) >= 0) || /\/\/[^/\s:@]*:[^/\s@]+@/.test(text);
}

/**
 * Takes secrets out of text: credentials of URLs, tokens of known shapes, and the values of `key=value`, `--key value`
 * and `key: value` whose key says so. What stays is fit to be printed and stored.
 */
export function redactText(text: string): string {
  let result = text.replace(/(\/\/)[^/\s:@]*:[^/\s@]+@/g, `$1${REDACTED}@`);
  for (const shape of SECRET_SHAPES) result = result.replace(shape, REDACTED);
  return redactPairs(result);
}

/** A key with the sign before its value; a blank is enough only behind an option, and no option is a value. */
const PAIR = /(?:(--?[A-Za-z][\w.-]*)(\s*[=:]\s*|\s+(?!-))|([A-Za-z][\w.-]*)(\s*[=:]\s*))("[^"]*"|'[^']*'|[^\s&,;]+)/g;

function redactPairs(text: string): string {
  const pair = new RegExp(PAIR);
  const parts: string[] = [];
  let at = 0;
  for (let found = pair.exec(text); found; found = pair.exec(text)) {
    const [whole, option, sign, word, wordSign, value] = found;
    const head = `${option ?? word ?? ''}${sign ?? wordSign ?? ''}`;
    if (isSecretKey(option ?? word ?? '') && value !== REDACTED) {
      parts.push(text.slice(at, found.index), head, REDACTED);
      at = found.index + whole.length;
    } else {
      pair.lastIndex = found.index + head.length; // The value may be a pair itself: `env: PASSWORD=x`.
    }
  }
  return parts.join('') + text.slice(at);
}

/** The arguments of a command with their secrets taken out: `--password x`, `password=x`, tokens, URLs. */
export function redactArguments(argv: readonly string[]): string[] {
  return argv.map((argument, index) => {
    const before = argv[index - 1];
    if (before !== undefined && /^--?[\w-]+$/.test(before) && isSecretKey(before) && !argument.startsWith('-'))
      return REDACTED;
    return redactText(argument);
  });
}

const SECRET_FILE =
  /(^|\/)(\.env(\.[\w-]+)?|\.netrc|\.npmrc|\.pypirc|\.pgpass|\.git-credentials|secrets\.ya?ml|credentials(\.json)?|id_(rsa|dsa|ecdsa|ed25519)|g?shadow-?|[^/]+\.(pem|key|p12|pfx|jks|kdbx|ppk))$/;

/** Whether a file is one whose content is held by digest only: private keys, shadow files, `.env`, credentials. */
export function isSecretFile(path: string): boolean {
  return SECRET_FILE.test(path);
}
