/** A file chosen on one page and read on the next. */

let waiting: File | null = null;

export function handOver(file: File): void {
  waiting = file;
}

export function takeOver(): File | null {
  const file = waiting;
  waiting = null;
  return file;
}

/** A portfolio to try the product with, for who has no file at hand. */
export function exampleFile(): File {
  const rows = [
    "Symbol,Name,Asset Type,Shares,Price,Market Value",
    'VTI,Vanguard Total Stock Market ETF,etf,60,"$265.00","$15,900.00"',
    'AAPL,Apple Inc.,stock,45,"$225.00","$10,125.00"',
    'MSFT,Microsoft Corporation,stock,16,"$420.00","$6,720.00"',
    'VXUS,Vanguard Total International Stock ETF,etf,90,"$62.00","$5,580.00"',
    'BND,Vanguard Total Bond Market ETF,etf,110,"$73.00","$8,030.00"',
    'JNJ,Johnson & Johnson,stock,20,"$158.00","$3,160.00"',
    'VNQ,Vanguard Real Estate ETF,etf,28,"$89.00","$2,492.00"',
    'Cash,Cash & sweep,cash,,,"$2,993.00"',
  ];
  return new File([`${rows.join("\n")}\n`], "example-portfolio.csv", { type: "text/csv" });
}
