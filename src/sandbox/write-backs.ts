/** How long a card's id takes from Passmachine's answer to Bloomreach: for each card, when it was made and when it came home. */

export interface SaveRecords {
  /** Milliseconds from creation to the first arrival, for each card that came home. */
  delays(): number[];
  /** Ids of cards that have not come home. */
  missing(): string[];
}

interface Saves extends SaveRecords {
  created(passId: string, at: number): void;
  /** Only the first arrival of a known card counts; any other value is let pass. */
  arrived(passId: string, at: number): void;
  clear(): void;
}

/** No cards yet. */
export function makeSaves(): Saves {
  const cards = new Map<string, { createdAt: number; savedAt: number | undefined }>();
  return {
    created: (passId, at) => void cards.set(passId, { createdAt: at, savedAt: undefined }),
    arrived(passId, at) {
      const card = cards.get(passId);
      if (card !== undefined) card.savedAt ??= at;
    },
    clear: () => cards.clear(),
    delays: () =>
      [...cards.values()].flatMap(({ createdAt, savedAt }) =>
        savedAt === undefined ? [] : [savedAt - createdAt],
      ),
    missing: () => [...cards].flatMap(([id, { savedAt }]) => (savedAt === undefined ? [id] : [])),
  };
}
