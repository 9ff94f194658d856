/**
 * Works on many items, up to `width` at once.
 *
 * @returns the answers in the order of the items
 * @throws what `work` threw first in the order of the items' workers; by then all that had begun has ended
 */
export async function inParallel<Item, Value>(
  items: readonly Item[],
  width: number,
  work: (item: Item, index: number) => Promise<Value>,
): Promise<Value[]> {
  const waiting = items.entries();
  const values: Value[] = [];
  const worker = async () => {
    for (const [index, item] of waiting) values[index] = await work(item, index);
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return values;
}
