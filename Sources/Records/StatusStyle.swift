extension BuiltInTemplates {
  /// How the operator's page looks.
  static let statusStyle = """
    .status h2{font-size:11pt}
    .status section{margin-bottom:6mm}
    .status table{margin-bottom:0}
    .status table.list{font-size:8.8pt}
    .status main>table.list{margin-bottom:6mm}
    .status .letterhead{grid-template-columns:minmax(0,3fr) minmax(0,5fr) minmax(0,4fr)}
    .status tbody th{font-weight:bold}
    .status td small,.status th small{display:block}
    .status .age{white-space:nowrap}.status .list .number{min-width:19mm}.status .list .address{min-width:38mm}
    .status .list .time{min-width:19mm}
    .good,.badge.good{color:var(--good)}.bad,.badge.bad,.badge.held{color:var(--bad)}.badge.warn{color:var(--warn)}
    .none,.more{color:var(--soft)}
    .more{margin-top:1.5mm;font-size:9pt}

    .verdict{border-left:4pt solid var(--good);background:var(--tint);padding:3mm 4mm;break-inside:avoid}
    .verdict h2{font-size:14pt;margin:0;color:var(--good)}
    .verdict.warning{border-color:var(--warn)}.verdict.warning h2{color:var(--warn)}
    .verdict.critical{border-color:var(--bad)}.verdict.critical h2{color:var(--bad)}
    .verdict ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:0 6mm}

    .tiles{display:grid;grid-template-columns:repeat(5,minmax(0,1fr));gap:3mm;margin-bottom:6mm;break-inside:avoid}
    .tile{border:.75pt solid var(--line);border-top:2pt solid var(--accent);padding:2mm 3mm;text-decoration:none;color:inherit}
    .tile b{display:block;font-size:19pt;line-height:1.15;color:var(--accent)}
    .tile span{font-size:8.5pt;color:var(--soft)}
    .tile.warning{border-top-color:var(--warn)}.tile.warning b{color:var(--warn)}

    .parts{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:3mm;margin-bottom:6mm}
    .status .part{border:.75pt solid var(--line);padding:3mm;margin:0;break-inside:avoid}
    .part h2{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:1mm 2mm}
    .part dl div{padding:.5mm 0}
    .part dt{font-size:8pt;color:var(--soft)}

    .activity{break-inside:avoid}
    .plots{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:6mm}
    figure{margin:0}
    figcaption{font-size:9pt;color:var(--soft);font-weight:bold}
    .plot{display:block;width:100%;height:auto;overflow:visible}
    .plot text{font-size:10.5px;text-anchor:middle;fill:var(--ink)}
    .plot .day{fill:var(--soft);font-size:10px}
    .plot path{stroke:var(--line);fill:none}
    .plot .today .day{font-weight:bold;fill:var(--ink)}
    .plot.accepted rect{fill:var(--accent)}.plot.applied rect{fill:var(--good)}.plot.failed rect{fill:var(--bad)}
    details{margin-top:2mm}
    summary{font-size:9pt;color:var(--accent);cursor:pointer}
    details table{max-width:130mm;margin-top:2mm}
    .scroll{overflow-x:auto}
    .matrix{max-width:130mm}
    .matrix :is(th,td){overflow-wrap:normal}
    .matrix tbody tr:last-child>*{border-top:1pt solid var(--accent);border-bottom:0}
    .states{margin-bottom:2mm}
    .states:empty{display:none}

    @media print{details:not([open]){display:none}}
    @media screen{
    .status table,.status table.list{font-size:14px}
    .status .list .number{min-width:88px}.status .list .time{min-width:84px}
    .tile:hover{background:var(--tint)}
    }
    @media screen and (max-width:600px){.plots{grid-template-columns:minmax(0,1fr)}.plots svg{max-width:420px}}
    @media screen and (max-width:700px){
    .status .letterhead{grid-template-columns:minmax(0,1fr)}
    .tiles{grid-template-columns:repeat(2,minmax(0,1fr))}
    .tiles .tile:first-child{grid-column:1/-1}
    .parts{grid-template-columns:minmax(0,1fr)}
    .verdict ul{display:block}
    .status .list :is(.count,.age){text-align:left}
    .status td small{grid-column:2}
    }
    @media screen and (prefers-color-scheme:dark){
    :root{--ink:#e6ebf0;--soft:#a7b3bf;--line:#3b4754;--tint:#1f2831;--accent:#8db8e6;--good:#6fcf97;--bad:#ff8a8a;
    --warn:#f0c060;color-scheme:dark}
    body.status{background:#10161c}
    .status .letterhead,.status main{background:#171e26}
    .status thead th{background:#26435f;color:#e6ebf0}
    }

    """
}
