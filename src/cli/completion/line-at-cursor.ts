/**
 * Splits what stands on a shell's line before the cursor into words, as the shell will, but for expansions.
 *
 * The last one is the word at the cursor; it is empty after a blank. A quote that is still open ends at the cursor. What
 * stands before a `;`, `|` or `&` belongs to another command.
 */
export function lineAtCursor(line: string): readonly string[] {
  let words = [''];
  let quote = '';
  let isOpen = false;
  for (let index = 0; index < line.length; index++) {
    const letter = line.charAt(index);
    const isBlank = quote === '' && /\s/.test(letter);
    if (quote === '' && /[;|&]/.test(letter)) words = [''];
    else if (isBlank && isOpen) words.push('');
    else if (letter === quote) quote = '';
    else if (quote === '' && /["']/.test(letter)) quote = letter;
    else if (letter === '\\' && quote !== "'" && index + 1 < line.length) append(words, line.charAt(++index));
    else if (!isBlank) append(words, letter);
    isOpen = !isBlank && !(quote === '' && /[;|&]/.test(letter));
  }
  return words;
}

function append(words: string[], letter: string): void {
  words.push((words.pop() ?? '') + letter);
}
