/** The guards of a schedule in the programs file: refused where they do nothing. */

import { isZone } from '../../domain/campaigns/quiet-hours.ts';
import type { BodyProblem } from '../template/body.ts';
import type { GuardsSpec, ScheduleSpec } from './schedule-shape.ts';

/** Guards that do nothing where they stand; problems are placed relative to the schedule. */
export function guardMisuses({
  action,
  guards = {},
}: Pick<ScheduleSpec, 'action' | 'guards'>): BodyProblem[] {
  const problems: BodyProblem[] = [];
  const refuse = (key: keyof GuardsSpec, problem: string) =>
    problems.push({ path: ['guards', key], problem });
  const needs = (key: keyof GuardsSpec, other: keyof GuardsSpec) => {
    if (guards[key] !== undefined && guards[other] === undefined)
      refuse(key, `does nothing without ${other}`);
  };
  needs('continueAt', 'canary');
  needs('timeZone', 'quietHours');
  needs('timeZoneAttribute', 'quietHours');
  needs('inQuietHours', 'quietHours');
  needs('overLimit', 'maxNotificationsPerDay');
  if (guards.maxNotificationsPerDay !== undefined && action !== 'notify')
    refuse('maxNotificationsPerDay', `only notify rings, not ${action}`);
  if (guards.changedOnly === true && action === 'notify') {
    refuse('changedOnly', 'a notification changes nothing on the card to compare');
  }
  if (guards.timeZone !== undefined && !isZone(guards.timeZone)) {
    refuse('timeZone', `there is no time zone ${guards.timeZone}, e.g. Europe/Prague`);
  }
  return problems;
}
