import { describe, expect, test } from 'vitest';
import { redactArguments, redactText } from '../../src/model/redact.ts';

describe('redactText', () => {
  test.each([
    { text: 'serve --password hunter2', is: 'serve --password ***', why: 'behind another word' },
    { text: '--verbose --password hunter2 -x', is: '--verbose --password *** -x', why: 'behind another option' },
    { text: 'password=hunter2&user=rino', is: 'password=***&user=rino', why: 'in a query' },
    { text: 'env: DB_PASSWORD=hunter2', is: 'env: DB_PASSWORD=***', why: 'as the value of another pair' },
    { text: 'api_key: "two words" rest', is: 'api_key: *** rest', why: 'in quotes' },
    { text: 'https://rino:hunter2@example.org/x', is: 'https://***@example.org/x', why: 'in a URL' },
    { text: '--password --verbose', is: '--password --verbose', why: 'no option is a value' },
    { text: 'the password is long', is: 'the password is long', why: 'prose' },
    { text: 'token=***', is: 'token=***', why: 'what was redacted stays as it is' },
    { text: 'PWD=/home/rino', is: 'PWD=/home/rino', why: 'the working directory' },
  ])('$text: $why', ({ text, is }) => {
    expect(redactText(text)).toBe(is);
    expect(redactText(is)).toBe(is);
  });
});

test('redactArguments knows a value that stands alone', () => {
  expect(redactArguments(['serve', '--token', 'abc', '--port=1', 'password=x'])).toEqual([
    ...['serve', '--token', '***', '--port=1', 'password=***'],
  ]);
});
