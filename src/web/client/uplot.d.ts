/** Types of the library that the browser loads as `/assets/uplot.js`. */

export { default, type AlignedData } from 'uplot';
