/** The library as the browser gets it, under `/assets/uplot.js`. */

export { default, type AlignedData } from 'uplot';
