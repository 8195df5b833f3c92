/**
 * Prints objects with the same keys as a table with those keys on top.
 * @param {Record<string, string>[]} rows
 */
export function printTable(rows) {
  const columns = Object.keys(rows[0]);
  const widths = columns.map((name) => Math.max(name.length, ...rows.map((row) => row[name].length)));
  const line = (cells) =>
    `${cells
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd()}\n`;
  process.stdout.write(`\n${line(columns)}${line(widths.map((width) => '-'.repeat(width)))}`);
  for (const row of rows) process.stdout.write(line(columns.map((name) => row[name])));
}
