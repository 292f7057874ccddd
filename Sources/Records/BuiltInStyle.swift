extension BuiltInTemplates {
  /// How the pages look: dark on white, for paper first, then for a screen of any width.
  static let style = """
    :root{--ink:#17202a;--soft:#44505c;--line:#b9c3cd;--tint:#eef2f6;--accent:#1d3b5c;--good:#1c6b3c;--bad:#a11d1d;
    --warn:#8a5a00;color-scheme:light}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
    body{margin:0;background:#fff;color:var(--ink);font:10pt/1.4 \(PageStyle.fonts);font-variant-numeric:tabular-nums;
    print-color-adjust:exact;-webkit-print-color-adjust:exact}
    h1,h2,h3,p,dl,dd,ul{margin:0}
    h2{font-size:11pt;color:var(--accent);margin:0 0 2mm;break-after:avoid}
    small{font-size:.85em;color:var(--soft);font-weight:normal}
    dd,td,th,h2,h3,p,li{overflow-wrap:anywhere;unicode-bidi:isolate}
    code{font:8.5pt/1.4 "Liberation Mono","DejaVu Sans Mono",Menlo,Consolas,monospace}
    a{color:var(--accent)}

    .letterhead{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,6fr) minmax(0,3fr);
    border:1pt solid var(--accent);border-top-width:3pt;margin-bottom:6mm;break-inside:avoid}
    .letterhead>*{padding:3mm;border-left:.5pt solid var(--line);align-self:stretch}
    .letterhead>*:first-child{border-left:0}
    .entity,.title{display:flex;flex-direction:column;justify-content:center;text-align:center;overflow-wrap:anywhere}
    .entity strong{color:var(--accent);font-size:11pt;line-height:1.2}
    .entity span{font-size:8.5pt;color:var(--soft);margin-top:1mm}
    .title p{font-size:8pt;letter-spacing:.04em;color:var(--soft);margin-bottom:1mm}
    .title h1{font-size:13.5pt;line-height:1.2;color:var(--accent);text-wrap:balance}
    .codes{display:flex;flex-direction:column;justify-content:center;font-size:8.5pt;padding:0!important}
    .codes div{display:flex;gap:2mm;padding:1.4mm 3mm;border-top:.5pt solid var(--line)}
    .codes div:first-child{border-top:0}
    .codes dt{color:var(--soft);flex:0 0 17mm}
    .codes dd{font-weight:bold}

    table{border-collapse:collapse;width:100%;margin-bottom:6mm}
    caption{text-align:left;font-weight:bold;font-size:11pt;color:var(--accent);padding-bottom:2mm;break-after:avoid}
    th,td{text-align:left;vertical-align:top;padding:1.6mm 2mm;border-bottom:.5pt solid var(--line)}
    thead{display:table-header-group}
    thead th{background:var(--accent);color:#fff;font-size:8.5pt;border-bottom:0;vertical-align:bottom}
    tr{break-inside:avoid}
    .count{text-align:right}

    .badge{display:inline-block;border:.75pt solid currentColor;border-radius:1mm;padding:0 1.6mm;font-size:8.5pt;
    font-weight:bold;color:var(--soft);white-space:nowrap}
    .applied{color:var(--good)}.failed,.undone{color:var(--bad)}.partly,.cancelled,.skipped{color:var(--warn)}

    .facts{margin-bottom:6mm}
    .facts h2{font-size:13pt;margin-bottom:3mm}
    .facts .number{color:var(--ink)}
    .facts .badge{margin-left:2mm;font-size:9.5pt;vertical-align:.5mm}
    .facts dl{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));border-top:.5pt solid var(--line);column-gap:6mm}
    .facts dl div{padding:1.8mm 0;border-bottom:.5pt solid var(--line);break-inside:avoid}
    .facts dt,.evidence dt{font-size:8pt;color:var(--soft)}

    .changes tbody{break-inside:avoid}
    .changes tbody:nth-of-type(even){background:var(--tint)}
    .changes tbody th{font-weight:bold}
    .changes th small{display:block}
    .changes .index{width:9mm;text-align:right;color:var(--soft)}
    .changes thead .index{color:#fff}
    .changes .operation{width:27mm}.changes .outcome{width:27mm}.changes .handover{width:25mm}
    .changes tr:has(+.note)>*{border-bottom:0}
    .note td{padding-top:0;font-size:9pt}
    .note ul{padding-left:5mm}

    .closing{break-inside:avoid}
    .evidence{margin-bottom:6mm}
    .evidence dl div{display:grid;grid-template-columns:38mm minmax(0,1fr);align-items:baseline;padding:1mm 0}

    .pair{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:8mm}
    .party{border:.75pt solid var(--line);border-top:2pt solid var(--accent);padding:3mm;display:flex;flex-direction:column}
    .party h3{font-size:10.5pt;color:var(--accent);margin-bottom:1mm}
    .party p{font-size:8.5pt;color:var(--soft);flex:1}
    .party dl div{display:flex;gap:2mm;align-items:flex-end;min-height:9mm}
    .party .sign{min-height:18mm}
    .party dt{flex:0 0 15mm;font-size:8.5pt;color:var(--soft)}
    .party dd{flex:1;border-bottom:.75pt solid var(--ink);min-height:5mm;padding-left:1mm}

    .updated{font-size:9pt;color:var(--soft);margin-bottom:3mm}
    .accounts .list{font-size:7.5pt;line-height:1.3}
    .accounts .list th,.accounts .list td{padding:1mm 1.2mm}
    .accounts .list thead th{font-size:7.5pt}
    .list tbody tr:nth-child(even){background:var(--tint)}
    .list tbody th{font-weight:bold}
    .accounts .list .address{min-width:36mm}
    .accounts .list :is(.aliases,.owner,.lists){min-width:25mm}
    .accounts .list :is(.name,.department,.position){min-width:20mm}
    .list :is(.kind,.status,.quota,.created,.changed,.handover){white-space:nowrap}
    .list .quota{text-align:right}
    .list .suspended,.list .retained{color:var(--warn)}
    .accounts .list small.drift{display:block;color:var(--warn)}
    .legend{font-size:9pt;color:var(--soft);margin-bottom:5mm}
    .legend b{color:var(--warn)}
    .totals{break-inside:avoid;display:grid;grid-template-columns:auto auto 1fr;gap:0 10mm;align-items:start;
    border-top:1.5pt solid var(--accent);padding-top:3mm}
    .totals h2,.sum{grid-column:1/-1}
    .totals .sum{margin-bottom:3mm}
    .sum b{font-size:13pt}
    .totals table{width:auto;min-width:55mm;margin-bottom:0}
    .totals caption{font-size:9pt;padding-bottom:1mm}

    @media print{
    .ways{display:none}
    a{color:inherit;text-decoration:none}
    }
    @media screen{
    body{background:#e9edf1;font-size:15px}
    .letterhead,main{background:#fff;max-width:960px;margin:0 auto}
    body.accounts .letterhead,body.accounts main,body.departments .letterhead,body.departments main{max-width:1500px}
    .letterhead{margin-top:24px}
    main{padding:24px 28px 36px;margin-bottom:24px;border:1px solid var(--line);border-top:0}
    .accounts .list,.accounts .list thead th{font-size:13px}
    thead th{position:sticky;top:0}
    }
    @media screen and (max-width:700px){
    .letterhead{grid-template-columns:minmax(0,1fr);margin:0}
    .letterhead>*{border-left:0;border-top:1px solid var(--line);padding:12px 16px}
    .letterhead>*:first-child{border-top:0}
    .codes{flex-direction:row;flex-wrap:wrap;justify-content:center}
    .codes div,.codes div:first-child{border:0;padding:4px 8px}
    .codes dt{flex:none}
    main{padding:16px;border:0;margin:0}
    .facts dl,.pair,.totals{grid-template-columns:minmax(0,1fr)}
    .totals table{width:100%}
    .evidence dl div{grid-template-columns:minmax(0,1fr)}
    .list thead,.changes thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    .list,.list tbody,.list tr,.list th,.list td,.changes,.changes tbody,.changes tr,.changes tbody th,.changes td{display:block;
    width:auto!important;min-width:0!important}
    .accounts .list,.departments .list{font-size:14px}
    .list caption,.changes caption{display:block}
    .list tbody tr,.changes tbody{border:1px solid var(--line);border-radius:6px;padding:8px 12px;margin-bottom:10px}
    .list tbody th,.list tbody td,.changes tbody th,.changes tbody td{border:0;padding:2px 0!important;text-align:left!important}
    .list tbody th,.changes tbody th{font-size:15px}
    td[data-label]{display:grid!important;grid-template-columns:8.5em minmax(0,1fr)}
    td[data-label]:empty{display:none!important}
    td[data-label]::before{content:attr(data-label);color:var(--soft)}
    td[data-label] .badge{justify-self:start}
    .changes .index,.note td:first-child{display:none}
    }

    """
}
