/** What an export asks for, in the words of Bloomreach's API. */

/** `native_json` keeps types and tells whether it is whole; a CSV does neither. */
export type ExportFormat = 'csv' | 'native_json';

export interface ExportOrder {
  /** Id types, the one that names a customer first. */
  ids: readonly string[];
  /** Customer attributes. One that is called as an id type is that id. */
  attributes: readonly string[];
  /** Whom; absent for everybody. `index` counts from 0; -1 is everybody who is in no segment of it. */
  segmentation: { id: string; index: number } | undefined;
  /** Unix seconds as of which segments are computed: an export that is repeated brings the same people. */
  executionTime: number;
  /** IANA name. */
  timeZone: string;
  format: ExportFormat;
}

/** The one literal that no copy of their page shows: it was blank there. */
const SEGMENT_FILTER = 'segment';

/** The body, by https://documentation.bloomreach.com/engagement/reference/export-all-customers-2. */
export function exportBody(order: ExportOrder): string {
  const { ids, attributes, segmentation, executionTime, timeZone, format } = order;
  const properties = attributes.filter((name) => !ids.includes(name));
  return JSON.stringify({
    attributes: {
      type: 'some',
      list: [
        ...ids.map((id) => ({ type: 'id', id })),
        ...properties.map((property) => ({ type: 'property', property })),
      ],
    },
    ...(segmentation !== undefined && {
      filter: {
        type: SEGMENT_FILTER,
        segmentation_id: segmentation.id,
        segment_index: segmentation.index,
      },
    }),
    execution_time: executionTime,
    timezone: timeZone,
    format,
  });
}
