/** The calls behind the page of figures. */
import type {
  AlertList,
  Figures,
  HistoryPage,
  LoadFigures,
  Mine,
  Trend,
} from '@countersign/shared/contracts';
import { type Access, call } from './call.ts';
import { isAnything } from './guard.ts';
import type { Answer } from './trouble.ts';

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isEach = (value: unknown): boolean => Array.isArray(value) && value.every(isFields);

const isFigures = (value: unknown): value is Figures =>
  isFields(value) && isEach(value.rows) && isFields(value.drift) && isFields(value.window);
const isTrend = (value: unknown): value is Trend => isFields(value) && isEach(value.days);
const isLoad = (value: unknown): value is LoadFigures =>
  isFields(value) && isEach(value.hours) && isFields(value.load) && isFields(value.wait);
const isMine = (value: unknown): value is Mine =>
  isFields(value) && isFields(value.all) && isEach(value.tools) && isFields(value.streak);
const isHistory = (value: unknown): value is HistoryPage => isFields(value) && isEach(value.items);

/** Which requests the figures are of: since when, and of which team. */
export type Of = { from: string; team?: string | undefined };

function queryOf({ from, team }: Of): string {
  return new URLSearchParams({ from, ...(team === undefined ? {} : { team }) }).toString();
}

/** A row for each tool and rule. Leads only. */
export function getFigures(access: Access, of: Of): Promise<Answer<Figures>> {
  return call(access, { method: 'GET', path: `/v1/insights/figures?${queryOf(of)}` }, isFigures);
}

/** Figures day by day. Leads only. */
export function getTrend(access: Access, of: Of): Promise<Answer<Trend>> {
  return call(access, { method: 'GET', path: `/v1/insights/trend?${queryOf(of)}` }, isTrend);
}

/** What arrives and how long it waits, hour by hour. Leads only. */
export function getLoad(access: Access, of: Of): Promise<Answer<LoadFigures>> {
  return call(access, { method: 'GET', path: `/v1/insights/load?${queryOf(of)}` }, isLoad);
}

const isAlerts = (value: unknown): value is AlertList =>
  isFields(value) && isEach(value.open) && isEach(value.recent);

/** What a lead is told of unasked: what stands, and what is over. */
export function getAlerts(access: Access): Promise<Answer<AlertList>> {
  return call(access, { method: 'GET', path: '/v1/insights/alerts' }, isAlerts);
}

/** Lets an agent that is held back ask again before its time is over. */
export function liftThrottle(access: Access, agent: string): Promise<Answer<unknown>> {
  return call(access, { method: 'DELETE', path: `/v1/throttles/${encodeURIComponent(agent)}` }, isAnything);
}

/** One's own figures. */
export function getMine(access: Access, { from }: Of): Promise<Answer<Mine>> {
  return call(access, { method: 'GET', path: `/v1/insights/mine?${queryOf({ from })}` }, isMine);
}

/** Requests behind a figure, by the address that came with it. */
export function getBehind(access: Access, address: string): Promise<Answer<HistoryPage>> {
  return call(access, { method: 'GET', path: address }, isHistory);
}

/** The same figures for a spreadsheet; undefined where the server did not give them. */
export async function getCsv(access: Access, of: Of): Promise<Blob | undefined> {
  const headers = { authorization: `Bearer ${access.key ?? ''}` };
  const address = `${access.server}/v1/insights/figures?${queryOf(of)}&format=csv`;
  const response = await fetch(address, { headers, cache: 'no-store', credentials: 'omit' }).catch(
    () => undefined,
  );
  return response?.ok ? response.blob() : undefined;
}
