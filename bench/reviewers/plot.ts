/** Line charts as SVG for the docs: axes with units, bands for intervals, a key. No more than these need. */

/** One line: y in 0…1 at each x, with the interval around it where it was estimated. */
export type Line = { name: string; points: { x: number; y: number; low?: number; high?: number }[] };

/** One chart. Its y axis is a share, 0 to 100%. */
export type Panel = {
  title: string;
  xLabel: string;
  yLabel: string;
  x: { from: number; to: number; step: number };
  lines: Line[];
};

/** Colours that the colour-blind tell apart (M. Okabe, K. Ito); dashes for those who print. */
const LOOKS = [
  { colour: '#007a5a', dash: '' },
  { colour: '#c04b00', dash: '7 3' },
  { colour: '#9a7400', dash: '12 3' },
  { colour: '#0067a5', dash: '2 3' },
  { colour: '#9c3587', dash: '10 3 2 3' },
] as const;

const PANEL = { width: 330, height: 250, left: 52, right: 14, top: 34, bottom: 44 };
const KEY_HEIGHT = 30;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const at = (value: number): string => value.toFixed(1);

/** Rows of charts that share one key; `describes` is read out to whoever can not see them. */
export function drawing(rows: readonly (readonly Panel[])[], describes: string): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const [width, height] = [columns * PANEL.width, rows.length * PANEL.height + KEY_HEIGHT];
  const panels = rows.flatMap((row, y) =>
    row.map(
      (panel, x) => `<g transform="translate(${x * PANEL.width} ${y * PANEL.height})">${drawn(panel)}</g>`,
    ),
  );
  const names = rows[0]?.[0]?.lines.map(({ name }) => name) ?? [];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="11" fill="#222">`,
    `<title>${escaped(describes)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...panels,
    `<g transform="translate(0 ${rows.length * PANEL.height})">${key(names)}</g>`,
    '</svg>\n',
  ].join('\n');
}

function look(index: number): { colour: string; stroke: string } {
  const { colour, dash } = LOOKS[index % LOOKS.length] ?? LOOKS[0];
  return {
    colour,
    stroke: `stroke="${colour}" stroke-width="1.8"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}`,
  };
}

function drawn({ title, xLabel, yLabel, x, lines }: Panel): string {
  const [right, bottom] = [PANEL.width - PANEL.right, PANEL.height - PANEL.bottom];
  const px = (value: number): number =>
    PANEL.left + ((value - x.from) / (x.to - x.from)) * (right - PANEL.left);
  const py = (share: number): number => bottom - share * (bottom - PANEL.top);
  const marks: string[] = [
    `<text x="${PANEL.left}" y="18" font-size="12" font-weight="600">${escaped(title)}</text>`,
  ];
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const y = at(py(share));
    marks.push(`<line x1="${PANEL.left}" x2="${right}" y1="${y}" y2="${y}" stroke="#ddd"/>`);
    marks.push(
      `<text x="${PANEL.left - 6}" y="${at(py(share) + 4)}" text-anchor="end">${share * 100}%</text>`,
    );
  }
  for (let value = x.from; value <= x.to + 1e-9; value += x.step) {
    const text = Number(value.toFixed(6));
    marks.push(
      `<line x1="${at(px(value))}" x2="${at(px(value))}" y1="${bottom}" y2="${bottom + 4}" stroke="#222"/>`,
    );
    marks.push(`<text x="${at(px(value))}" y="${bottom + 16}" text-anchor="middle">${text}</text>`);
  }
  marks.push(`<line x1="${PANEL.left}" x2="${right}" y1="${bottom}" y2="${bottom}" stroke="#222"/>`);
  marks.push(
    `<text x="${(PANEL.left + right) / 2}" y="${bottom + 34}" text-anchor="middle">${escaped(xLabel)}</text>`,
  );
  const middle = at((PANEL.top + bottom) / 2);
  marks.push(
    `<text transform="translate(12 ${middle}) rotate(-90)" text-anchor="middle">${escaped(yLabel)}</text>`,
  );
  lines.forEach(({ points }, index) => {
    const { colour, stroke } = look(index);
    const path = (of: (point: Line['points'][number]) => number, among = points): string =>
      among.map((point) => `${at(px(point.x))},${at(py(of(point)))}`).join(' ');
    if (points.some(({ low }) => low !== undefined)) {
      const back = path(({ y, low }) => low ?? y, [...points].reverse());
      marks.push(
        `<polygon points="${path(({ y, high }) => high ?? y)} ${back}" fill="${colour}" opacity="0.15"/>`,
      );
    }
    marks.push(`<polyline points="${path(({ y }) => y)}" fill="none" ${stroke}/>`);
  });
  return marks.join('\n');
}

function key(names: readonly string[]): string {
  const room = 140;
  return names
    .map((name, index) => {
      const x = PANEL.left + index * room;
      const { stroke } = look(index);
      return `<line x1="${x}" x2="${x + 28}" y1="14" y2="14" ${stroke}/><text x="${x + 34}" y="18">${escaped(name)}</text>`;
    })
    .join('\n');
}
