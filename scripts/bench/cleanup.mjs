/** What must be gone when the bench ends, however it ends: Ctrl-C in the middle of a run included. */

const duties = new Set();

process.once('exit', () => {
  for (const duty of [...duties].toReversed()) attempt(duty);
});
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

/** Has `duty` done at the end, the latest first; returns what takes it back. */
export function atExit(duty) {
  duties.add(duty);
  return () => duties.delete(duty);
}

/** One that fails, since what it ends has ended, keeps none from being done. */
function attempt(duty) {
  try {
    duty();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
  }
}
