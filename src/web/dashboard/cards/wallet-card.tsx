/** A card as Apple Wallet and Google Wallet show it, approximately. */

import type { ComponentChildren } from 'preact';
import { contrastOf } from '../../../domain/cards/card-design.ts';
import type { CardFace, CardField } from '../../../domain/cards/card-face.ts';
import { pathTo, routes } from '../../paths.ts';
import { Barcode } from './barcode.tsx';
import { colorSheet } from './card-colors.ts';

/** Both wallets side by side, the fields on the back, and what is known about the accuracy. */
export function WalletCards({ face }: { face: CardFace }) {
  return (
    <div class="stack">
      <div class="wallets">
        <figure class="stack-tight">
          <AppleCard face={face} />
          <figcaption class="small muted">Apple Wallet, approximately</figcaption>
        </figure>
        <figure class="stack-tight">
          <GoogleCard face={face} />
          <figcaption class="small muted">Google Wallet, approximately</figcaption>
        </figure>
      </div>
      <Back face={face} />
      <Accuracy face={face} />
    </div>
  );
}

/** Below this contrast, text is hard to read (WCAG 2). */
const READABLE = 4.5;

function Accuracy({ face: { colors, isGuessed } }: { face: CardFace }) {
  const contrast = contrastOf(colors.background, colors.text);
  return (
    <>
      {contrast < READABLE && (
        <p class="alert alert-warning">
          The text is hard to read: its contrast to the background is {contrast.toFixed(1)}:1 and should be at
          least {READABLE}:1.
        </p>
      )}
      <p class="small muted">
        Approximate: Passmachine owns the design of the card.
        {isGuessed &&
          ' Colors and places of the fields are guessed from the card type; the section preview of the program sets them.'}
      </p>
    </>
  );
}

/** The front of the card for Apple Wallet; values that do not fit into their line are cut, as on the phone. */
export function AppleCard({ face }: { face: CardFace }) {
  const { style, organization, header, primary, secondary, auxiliary } = face;
  return (
    <Colored face={face} kind={`wallet-apple wallet-${style}`}>
      <div class="wallet-head">
        <BrandImage face={face} />
        <bdi class="wallet-brand">{organization}</bdi>
        <Fields fields={header} area="header" />
      </div>
      <Fields fields={primary} area="primary" />
      <Fields fields={secondary} area="secondary" />
      <Fields fields={auxiliary} area="auxiliary" />
      {face.barcode !== undefined && <Barcode {...face.barcode} />}
    </Colored>
  );
}

/** The front of the card for Google Wallet: a title, rows of fields, and the barcode. */
function GoogleCard({ face }: { face: CardFace }) {
  const { organization, header, primary, secondary, auxiliary } = face;
  const [title, ...others] = primary;
  return (
    <Colored face={face} kind="wallet-google">
      <div class="wallet-head">
        <BrandImage face={face} />
        <bdi class="wallet-brand">{organization}</bdi>
      </div>
      <Fields fields={title === undefined ? [] : [title]} area="primary" />
      <Fields fields={[...others, ...header, ...secondary, ...auxiliary]} area="rows" />
      {face.barcode !== undefined && <Barcode {...face.barcode} />}
    </Colored>
  );
}

function Colored({ face, kind, children }: { face: CardFace; kind: string; children: ComponentChildren }) {
  const { name, path } = colorSheet(face.colors);
  return (
    <div class={`wallet ${kind} ${name}`}>
      <link rel="stylesheet" href={path} />
      {children}
    </div>
  );
}

/** The logo covers the initials once it is loaded. */
function BrandImage({ face: { program, hasLogo, initials } }: { face: CardFace }) {
  return (
    <span class="wallet-logo" aria-hidden="true">
      {initials}
      {hasLogo && <img src={pathTo(routes.cardLogo, { program })} alt="" />}
    </span>
  );
}

function Fields({ fields, area }: { fields: readonly CardField[]; area: string }) {
  if (fields.length === 0) return null;
  return (
    <dl class={`wallet-fields wallet-${area}`}>
      {fields.map(({ source, label, value }) => (
        <div key={source}>
          <dt>
            <bdi>{label}</bdi>
          </dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Back({ face: { back } }: { face: CardFace }) {
  if (back.length === 0) return null;
  return (
    <details>
      <summary>Back of the card</summary>
      <dl class="facts">
        {back.map(({ source, label, value }) => (
          <>
            <dt key={source}>
              <bdi>{label}</bdi>
            </dt>
            <dd dir="auto">{value}</dd>
          </>
        ))}
      </dl>
    </details>
  );
}
