/** The Grafana dashboard: whether people still read what they approve, from the ledger's counts. */
import { attentionPanels } from './attention-panels.ts';
import { loadPanels } from './load-panels.ts';
import { datasource } from './looks.ts';

const labelled = (name: string, label: string, query: string, multi: boolean) => ({
  type: 'query',
  name,
  label,
  datasource,
  query: { query, refId: name },
  definition: query,
  refresh: 2,
  sort: 1,
  multi,
  includeAll: multi,
  ...(multi && { allValue: '.+' }),
  current: {},
});
const windows = ['7d', '14d', '30d', '90d'];

/** The dashboard, for import into Grafana 10 and later. */
export const dashboard = {
  __inputs: [],
  __requires: [
    { type: 'grafana', id: 'grafana', name: 'Grafana', version: '10.0.0' },
    { type: 'datasource', id: 'prometheus', name: 'Prometheus', version: '1.0.0' },
  ],
  uid: 'countersign-oversight',
  title: 'Countersign: oversight',
  description:
    'Whether people still read what they approve: rates with their n and interval, never by person. docs/oversight.md says what each figure can not say.',
  tags: ['countersign'],
  schemaVersion: 38,
  version: 1,
  editable: true,
  timezone: 'utc',
  time: { from: 'now-30d', to: 'now' },
  refresh: '5m',
  templating: {
    list: [
      { type: 'datasource', name: 'datasource', label: 'Prometheus', query: 'prometheus', current: {} },
      labelled('workspace', 'Workspace', 'label_values(countersign_ledger_entries, workspace)', true),
      labelled(
        'team',
        'Team',
        'label_values(countersign_insights_requests_total{workspace=~"$workspace"}, team)',
        true,
      ),
      {
        type: 'custom',
        name: 'window',
        label: 'Window',
        query: windows.join(','),
        options: windows.map((text) => ({ text, value: text, selected: text === '30d' })),
        current: { text: '30d', value: '30d' },
      },
    ],
  },
  annotations: { list: [] },
  panels: [...attentionPanels, ...loadPanels].map((panel, at) => ({ id: at + 1, ...panel })),
};
