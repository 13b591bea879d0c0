/** A notification on locked phones: an iPhone shows four lines, Android one until it is expanded. */

interface LockScreenProps {
  organization: string;
  initials: string;
  text: string;
}

export function LockScreen({ organization, initials, text }: LockScreenProps) {
  return (
    <div class="lock-screen">
      <Notification phone="iPhone" lines="four" {...{ organization, initials, text }} />
      <Notification phone="Android" lines="one" {...{ organization, initials, text }} />
    </div>
  );
}

function Notification({
  phone,
  lines,
  organization,
  initials,
  text,
}: LockScreenProps & { phone: string; lines: 'one' | 'four' }) {
  return (
    <div class="notification">
      <span class="notification-icon" aria-hidden="true">
        {initials}
      </span>
      <div class="notification-head">
        <strong>{organization}</strong> <span>{phone}, now</span>
      </div>
      {/* Right to left for Arabic and Hebrew, as on phones. */}
      <div class={`notification-text clamp-${lines}`} dir="auto">
        {text}
      </div>
    </div>
  );
}
