import { render } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import { type CardProgram, faceOf } from '../../../src/domain/cards/card-face.ts';
import { Barcode } from '../../../src/web/dashboard/cards/barcode.tsx';
import { LockScreen } from '../../../src/web/dashboard/cards/lock-screen.tsx';
import { WalletCards } from '../../../src/web/dashboard/cards/wallet-card.tsx';

const hostile = '"><script>alert(1)</script><img src=x onerror=alert(1) style="x">';

const program: CardProgram = { name: 'loyalty', card: 'loyalty' };

describe('a wallet card', () => {
  it('escapes the values, the labels and the brand, and has no style of its own', () => {
    const design = { organization: hostile, labels: { kpTier: hostile }, primary: ['kpTier'] };
    const html = render(<WalletCards face={faceOf({ ...program, design }, { kpTier: hostile })} />);
    expect(html).not.toContain('<script');
    expect(html).not.toContain('<img');
    expect(html).not.toMatch(/<[^>"]*(?:"[^"]*"[^>"]*)*\sstyle=/);
    expect(html).toContain('&lt;script>');
  });

  it('says that it is approximate, and that colors are hard to read', () => {
    const design = { colors: { background: '#777777', text: '#888888' } };
    const html = render(<WalletCards face={faceOf({ ...program, design }, { kpTier: 'Gold' })} />);
    expect(html).toContain('Apple Wallet, approximately');
    expect(html).toContain('Google Wallet, approximately');
    expect(html).toMatch(/contrast to the background is 1\.\d:1/);
  });

  it('covers the initials by the logo of the program', () => {
    const html = render(
      <WalletCards face={faceOf({ ...program, design: { logo: 'logo.png' } }, { kpTier: 'Gold' })} />,
    );
    expect(html).toContain('src="/cards/logos/loyalty"');
  });
});

describe('a barcode', () => {
  it.each(['qr', 'aztec', 'pdf417', 'code128'] as const)('is drawn as %s', (format) => {
    const html = render(<Barcode value="SALE-123" format={format} />);
    expect(html).toMatch(/<svg viewBox="0 0 \d+ \d+"/);
    expect(html).toContain('SALE-123');
  });

  it.each([
    ['code128', 'Žofie'],
    ['qr', 'x'.repeat(5000)],
  ] as const)('is replaced by a sentence if %s cannot encode the value', (format, value) => {
    const html = render(<Barcode value={value} format={format} />);
    expect(html).toContain('does not fit into a barcode');
    expect(html).not.toContain('<svg');
  });

  it('draws hostile values without quoting them in the drawing', () => {
    const html = render(<Barcode value={hostile} format="qr" />);
    expect(html).toContain('<svg');
    expect(html).not.toContain('<script');
  });
});

describe('a notification', () => {
  it('is cut after four lines on an iPhone and after one on Android', () => {
    const html = render(<LockScreen organization="Kavárna" initials="K" text={hostile} />);
    expect(html).toContain('clamp-four');
    expect(html).toContain('clamp-one');
    expect(html).not.toContain('<script');
  });
});
