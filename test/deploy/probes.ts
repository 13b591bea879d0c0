/** The paths that the files of deploy/ may ask. */
export const probes = ['/healthz', '/readyz', '/metrics'];
