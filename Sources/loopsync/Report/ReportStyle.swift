/// How the report looks.
enum ReportStyle {
    static let sheet = """
        :root {
          --paper: #fcfcfa; --card: #ffffff; --ink: #1d1f21; --soft: #5c6166; --line: #dddfe1;
          --ok: #1f7a4d; --bad: #b3261e; --other: #8a6100; --plain: #2f6f9f;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #141617; --card: #1c1f21; --ink: #e6e8ea; --soft: #9aa1a8; --line: #33383c;
            --ok: #5dc48f; --bad: #f2877f; --other: #e0b252; --plain: #74b3e0;
          }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
        main { max-width: 1100px; margin: 0 auto; padding: 24px 16px 64px; }
        h1 { font-size: 22px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
        h2 { font-size: 17px; margin: 32px 0 10px; overflow-wrap: anywhere; }
        h3 { font-size: 14px; margin: 0 0 8px; font-weight: 600; overflow-wrap: anywhere; }
        p { margin: 4px 0 10px; }
        header p, dt { color: var(--soft); }
        .key.ok { color: var(--ok); } .key.bad { color: var(--bad); } .key.other { color: var(--other); }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 16px 0; }
        .tiles div { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px;
          display: flex; flex-direction: column; }
        dd { margin: 0; font-size: 24px; font-weight: 600; line-height: 1.3; }
        dt { font-size: 13px; overflow-wrap: anywhere; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
        th { font-weight: 600; font-size: 13px; color: var(--soft); }
        td:first-child { white-space: normal; overflow-wrap: anywhere; min-width: 14ch; }
        .why td:last-child { white-space: normal; min-width: 24ch; }
        .n { text-align: right; }
        .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 16px 32px; }
        @media (max-width: 700px) { .pair { grid-template-columns: 1fr; } }
        svg { display: block; overflow: visible; max-width: 100%; }
        text { fill: var(--ink); font-size: 13px; }
        text.axis { fill: var(--soft); font-size: 12px; }
        text.x { fill: var(--bad); font-size: 12px; font-weight: 700; }
        .rule, .base { stroke: var(--line); stroke-width: 1; }
        .median { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 3; }
        .m { stroke-width: 1.5; } .m.ok { fill: var(--ok); stroke: var(--card); }
        .m.bad { fill: none; stroke: var(--bad); stroke-width: 2.2; } .m.other { fill: var(--other); stroke: var(--card); }
        .b.ok { fill: var(--ok); } .b.bad { fill: var(--bad); } .b.other { fill: var(--other); } .b.plain { fill: var(--plain); }
        article { border-top: 1px solid var(--line); padding: 12px 0 4px; break-inside: avoid; }
        pre, code { font: 12.5px/1.45 ui-monospace, monospace; }
        code { overflow-wrap: anywhere; }
        pre { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 8px 10px; margin: 6px 0;
          overflow-x: auto; max-height: 320px; }
        pre.error { border-left: 3px solid var(--bad); }
        @media print {
          :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb;
            --ok: #1f7a4d; --bad: #b3261e; --other: #8a6100; --plain: #2f6f9f; }
          main { max-width: none; padding: 0; }
          pre { max-height: none; white-space: pre-wrap; overflow-wrap: anywhere; }
          .scroll { overflow: visible; } td { white-space: normal; }
          h2, h3 { break-after: avoid; } svg, tr { break-inside: avoid; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        }
        """
}
