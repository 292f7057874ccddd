extension BuiltInTemplates {
  /// The slip: what the user keeps above the line, what systems files below it, together one sheet.
  static let slip =
    head + """

      <meta name="robots" content="noindex, noarchive">
      <title>{{title}}</title>
      <style>{{{style}}}</style>
      </head>
      <body class="slips">
      <main>
      {{#slips}}
      <article class="slip">
      \(letterhead)
      <section class="account">
      <dl>
      <div class="wide"><dt>{{words.account}}</dt><dd class="address">{{address}}</dd></div>
      <div><dt>{{words.request}}</dt><dd>{{request}}</dd></div>
      <div><dt>{{words.name}}</dt><dd>{{name}}</dd></div>
      <div><dt>{{words.department}}</dt><dd>{{department}}{{^department}}—{{/department}}</dd></div>
      <div><dt>{{words.position}}</dt><dd>{{position}}{{^position}}—{{/position}}</dd></div>
      </dl>
      </section>
      <section class="secret">
      <div class="logins"><h2>{{words.login}}</h2>{{#logins}}<p><code>{{login}}</code></p>{{/logins}}</div>
      <div class="until"><h2>{{words.validUntil}}</h2><p>{{valid_until}}</p></div>
      <div class="temporary"><h2>{{words.temporaryPassword}}</h2><p class="password"><code>{{password}}</code></p>\
      <p class="hint"><b>{{words.passwordHint}}</b> {{words.passwordLetters}}</p></div>
      </section>
      <div class="guide">
      <section><h2>{{words.steps}}</h2>
      <ol>
      {{#change_url}}<li>{{words.stepOpen}} <b class="url">{{change_url}}</b></li>{{/change_url}}\
      {{^change_url}}<li>{{words.stepAsk}}</li>{{/change_url}}
      <li>{{words.stepLogin}}</li>
      <li>{{words.stepChoose}}</li>
      <li>{{words.stepBegin}}</li>
      </ol>
      <p class="late">{{words.stepLate}} {{document.code}}.</p></section>
      <section><h2>{{words.duties}}</h2>
      <ul>
      <li>{{words.dutyService}}</li>
      <li>{{words.dutySecret}}</li>
      <li>{{words.dutyRead}}</li>
      <li>{{words.dutyDoubt}}</li>
      <li>{{words.dutyRequest}} {{document.code}}.</li>
      </ul></section>
      </div>
      <p class="cut"><span>{{words.cutUpper}}</span><span>{{words.cutLower}}</span></p>
      <section class="receipt">
      <h2>{{words.receipt}}</h2>
      <p class="what"><b>{{address}}</b> · {{name}}{{#department}} · {{department}}{{/department}} · <span>{{words.request}} {{request}}</span></p>
      <h3>{{words.induction}}</h3>
      <ul class="checks">
      <li><span></span>{{words.inductionLogin}}</li>
      <li><span></span>{{words.inductionChange}}</li>
      <li><span></span>{{words.inductionUse}}</li>
      <li><span></span>{{words.inductionDoubt}}</li>
      <li class="other"><span></span>{{words.inductionOther}}<i></i></li>
      </ul>
      <div class="pair">
      <div class="party"><h3>{{words.receives}}</h3><p>{{words.receiptStatement}}</p><dl>
      <div><dt>{{words.name}}</dt><dd>{{receiver}}</dd></div><div><dt>{{words.document}}</dt><dd></dd></div>
      <div class="sign"><dt>{{words.sign}}</dt><dd></dd></div><div><dt>{{words.date}}</dt><dd></dd></div></dl></div>
      <div class="party"><h3>{{words.delivers}}</h3><p>{{words.deliveryStatement}}</p><dl>
      <div><dt>{{words.name}}</dt><dd></dd></div><div><dt>{{words.position}}</dt><dd></dd></div>
      <div class="sign"><dt>{{words.sign}}</dt><dd></dd></div><div><dt>{{words.date}}</dt><dd></dd></div></dl></div>
      </div>
      </section>
      <footer><span>{{words.printed}} {{printed}} {{words.printedBy}} {{printed_by}} · {{showing}}</span>\
      <span>{{words.pageNumber}} {{number}} {{words.of}} {{count}}</span></footer>
      </article>
      {{/slips}}
      </main>
      </body>
      </html>

      """

  /// How the slip looks: A4 sheets, and on a screen the same one below the other.
  static let slipStyle = """
    .slip{display:flex;flex-direction:column;min-height:277mm;break-after:page;font-size:9.2pt;line-height:1.34}
    .slip:last-child{break-after:auto}
    .slip .letterhead{margin:0 0 4.5mm}
    .slip h2{font-size:8.5pt;letter-spacing:.03em;margin:0 0 .6mm}

    .account dl{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:2mm 6mm;margin-bottom:4mm;align-items:end}
    .account div{align-self:start}
    .account .wide{grid-column:1/3}
    .account dt{font-size:8pt;color:var(--soft)}
    .account .address{font-size:15pt;font-weight:bold;line-height:1.2;color:var(--accent)}

    .secret{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:3mm 8mm;border:1pt solid var(--accent);
    background:var(--tint);padding:3.2mm 4.5mm;margin-bottom:4.5mm;break-inside:avoid}
    .secret code{font-size:10.5pt;line-height:1.25}
    .until p{font-weight:bold}
    .temporary{grid-column:1/-1;border-top:.5pt solid var(--line);padding-top:2.4mm}
    .password{background:#fff;border:.75pt solid var(--line);padding:1.8mm 4mm;margin:.8mm 0 1.4mm;text-align:center}
    .password code{font-size:21pt;line-height:1.25;font-weight:bold;letter-spacing:.06em;color:#000;
    font-variant-ligatures:none;overflow-wrap:anywhere;user-select:all;-webkit-user-select:all}
    .hint{font-size:8.5pt;color:var(--soft)}
    .hint b{color:var(--ink)}

    .guide{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:9mm}
    .guide h2,.receipt>h2{font-size:11pt;letter-spacing:0;margin-bottom:1.4mm}
    .guide ol,.guide ul{margin:0;padding-left:4.6mm}
    .guide li{margin-bottom:1.1mm}
    .guide li::marker{color:var(--accent);font-weight:bold}
    .url{overflow-wrap:anywhere}
    .late{font-size:8.5pt;color:var(--soft)}

    .cut{display:flex;justify-content:space-between;gap:6mm;font-size:7.5pt;color:var(--soft);margin:auto 0 0;
    padding-top:3mm;border-bottom:.75pt dashed var(--soft)}
    .cut span{padding-bottom:.6mm}
    .receipt{padding-top:3mm;break-inside:avoid}
    .receipt>h2{margin-bottom:.4mm}
    .receipt .what{margin-bottom:1.8mm}
    .receipt .what span{display:inline-block}
    .receipt>h3{font-size:8.5pt;color:var(--accent);margin-bottom:1mm}
    .checks{list-style:none;padding:0;display:grid;grid-template-columns:repeat(3,auto);gap:1.2mm 5mm;
    margin-bottom:3mm;font-size:8.5pt}
    .checks li{display:flex;gap:2mm;align-items:center}
    .checks span{flex:none;width:3.4mm;height:3.4mm;border:.75pt solid var(--ink)}
    .checks .other{grid-column:span 2}
    .checks i{flex:1;align-self:flex-end;border-bottom:.75pt solid var(--line)}
    .slip .party{padding:2.4mm 3mm}
    .slip .party p{font-size:8pt;line-height:1.3;min-height:2.6em}
    .slip .party dl div{min-height:7mm}
    .slip .party .sign{min-height:14mm}
    .slip .party dt{flex-basis:19mm}
    .slip .party dd{min-height:4.5mm}
    .slip footer{display:flex;justify-content:space-between;gap:6mm;margin-top:3mm;font-size:7.5pt;color:var(--soft)}
    .slip footer span{overflow-wrap:anywhere}
    .slip footer span:last-child{flex:none}

    @media screen{
    body.slips main{background:none;border:0;padding:0;max-width:210mm;margin:24px auto}
    .slip{background:#fff;border:1px solid var(--line);padding:11mm 16mm 9mm;margin-bottom:24px}
    .slip .letterhead{max-width:none}
    }
    @media screen and (max-width:700px){
    body.slips main{margin:0}
    .slip{min-height:0;padding:16px;border-width:0 0 1px;font-size:15px}
    .account dl,.secret,.guide,.checks,.slip .pair{grid-template-columns:minmax(0,1fr)}
    .account .wide,.checks .other{grid-column:auto}
    .password{padding:8px}
    .password code{font-size:18px;letter-spacing:0}
    .cut{margin-top:16px;flex-direction:column;gap:0}
    .slip :is(dt,.hint,.late,.cut,.checks,.party p,footer,h2,.receipt>h3){font-size:13px}
    .slip .letterhead dt{font-size:12px}
    .guide h2,.receipt>h2{font-size:16px}
    }

    """
}
