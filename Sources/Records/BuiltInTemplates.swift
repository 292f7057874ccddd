/// Our own templates. `buzon` needs no file beside it, and a file of the same name in the `templates` folder stands in.
enum BuiltInTemplates {
  static let head = """
    <!DOCTYPE html>
    <html lang="{{language}}">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="{{policy}}">
    <meta name="referrer" content="no-referrer">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    """

  static let letterhead = """
    <header class="letterhead">
    <div class="entity"><strong>{{organization}}</strong>{{#tax_id}}<span>{{tax_id}}</span>{{/tax_id}}</div>
    <div class="title"><p>{{words.procedure}} {{procedure.code}}\
    {{#procedure.version}} · {{words.version}} {{procedure.version}}{{/procedure.version}}\
    {{#procedure.date}} · {{procedure.date}}{{/procedure.date}}</p>
    <h1>{{title}}</h1></div>
    <dl class="codes">
    <div><dt>{{words.code}}</dt><dd>{{document.code}}</dd></div>
    {{#document.version}}<div><dt>{{words.version}}</dt><dd>{{document.version}}</dd></div>{{/document.version}}
    {{#document.date}}<div><dt>{{words.date}}</dt><dd>{{document.date}}</dd></div>{{/document.date}}
    </dl>
    </header>
    """

  /// The delivery record of a request. Signatures and what proves the record stay on one sheet, with the number: a
  /// signed sheet by itself must say what was signed.
  static let delivery =
    head + """

      <title>{{number}} · {{title}}</title>
      <style>{{{style}}}</style>
      </head>
      <body class="delivery">
      \(letterhead)
      <main>
      <section class="facts">
      <h2>{{words.request}} <b class="number">{{number}}</b> <span class="badge {{outcome_class}}">{{outcome}}</span></h2>
      <dl>
      <div><dt>{{words.department}}</dt><dd>{{department}}</dd></div>
      <div><dt>{{words.requester}}</dt><dd>{{requester}}{{#requester_address}}<br><small>{{requester_address}}</small>\
      {{/requester_address}}</dd></div>
      <div><dt>{{words.approvedBy}}</dt><dd>{{approved_by}}{{#reference}}<br><small>{{reference}}</small>\
      {{/reference}}</dd></div>
      <div><dt>{{words.approvalDate}}</dt><dd>{{approval_date}}<br><small>{{words.signature}}: {{signature}}</small></dd></div>
      <div><dt>{{words.received}}</dt><dd>{{received}}{{#submitted_by}}<br><small>{{words.submittedBy}}: {{submitted_by}}</small>\
      {{/submitted_by}}</dd></div>
      <div><dt>{{words.completed}}</dt><dd>{{completed}}{{^completed}}—{{/completed}}</dd></div>
      </dl>
      </section>
      <table class="changes">
      <caption>{{words.changes}}</caption>
      <thead><tr><th scope="col" class="index">{{words.number}}</th><th scope="col" class="operation">{{words.operation}}</th>\
      <th scope="col">{{words.address}}</th><th scope="col" class="outcome">{{words.outcome}}</th>\
      <th scope="col" class="handover">{{words.handover}}</th></tr></thead>
      {{#changes}}
      <tbody>
      <tr><td class="index">{{index}}</td><td class="operation" data-label="{{words.operation}}">{{operation}}</td>\
      <th scope="row" class="address">{{address}}{{#dn}}<small>{{dn}}</small>{{/dn}}</th>\
      <td class="outcome" data-label="{{words.outcome}}"><span class="badge {{outcome_class}}">{{outcome}}</span></td>\
      <td class="handover" data-label="{{words.handover}}">{{handover}}</td></tr>
      {{#error}}
      <tr class="note"><td></td><td colspan="4"><p class="failed"><b>{{words.error}} {{code}} {{name}}</b>\
      {{#diagnostic}}: {{diagnostic}}{{/diagnostic}}</p>{{#remedy}}<p><b>{{words.remedy}}:</b> {{remedy}}</p>{{/remedy}}</td></tr>
      {{/error}}
      {{#has_orphans}}
      <tr class="note"><td></td><td colspan="4"><p class="partly"><b>{{words.orphans}}:</b></p><ul>\
      {{#orphans}}<li>{{address}}</li>{{/orphans}}</ul></td></tr>
      {{/has_orphans}}
      </tbody>
      {{/changes}}
      {{^changes}}<tbody><tr><td colspan="5">{{words.noChanges}}</td></tr></tbody>{{/changes}}
      </table>
      <div class="closing">
      <section class="evidence">
      <h2>{{words.evidence}}</h2>
      <dl>
      <div><dt>{{words.digest}}</dt><dd><code>{{digest}}</code></dd></div>
      {{#ledger}}<div><dt>{{words.ledger}}</dt><dd><code>{{ledger}}</code></dd></div>{{/ledger}}
      </dl>
      </section>
      {{#was_delivered}}
      <section class="signatures">
      <h2>{{words.signatures}} · {{words.request}} {{number}}</h2>
      <div class="pair">
      <div class="party"><h3>{{words.deliveredBy}}</h3><p>{{words.deliveryStatement}}</p><dl>
      <div><dt>{{words.name}}</dt><dd></dd></div><div><dt>{{words.position}}</dt><dd></dd></div>
      <div class="sign"><dt>{{words.sign}}</dt><dd></dd></div><div><dt>{{words.date}}</dt><dd></dd></div></dl></div>
      <div class="party"><h3>{{words.receivedBy}}</h3><p>{{words.receiptStatement}}</p><dl>
      <div><dt>{{words.name}}</dt><dd>{{requester}}</dd></div><div><dt>{{words.position}}</dt><dd></dd></div>
      <div class="sign"><dt>{{words.sign}}</dt><dd></dd></div><div><dt>{{words.date}}</dt><dd></dd></div></dl></div>
      </div>
      </section>
      {{/was_delivered}}
      </div>
      </main>
      </body>
      </html>

      """

  /// The account list, or a department's part of it.
  static let accounts =
    head + """

      <title>{{title}}{{#department}} · {{department}}{{/department}}</title>
      <style>{{{style}}}</style>
      </head>
      <body class="accounts">
      \(letterhead)
      <main>
      <p class="updated">{{words.updated}} <time>{{updated}}</time> · {{zone}}<span class="ways"> · <a href="#totals">{{words.toTotals}}</a>\
      {{#index}} · <a href="{{index}}">{{words.toIndex}}</a>{{/index}}</span></p>
      <table class="list">
      <caption>{{words.accounts}}{{#department}}: {{department}}{{/department}}</caption>
      <thead><tr>{{#columns}}<th scope="col" class="{{class}}">{{label}}</th>{{/columns}}</tr></thead>
      <tbody>
      {{{accounts}}}
      </tbody>
      </table>
      {{#is_empty}}<p>{{words.noAccounts}}</p>{{/is_empty}}
      {{#has_drift}}<p class="legend"><b>{{mark}}</b> {{words.driftLegend}}</p>{{/has_drift}}
      \(totals)
      </main>
      </body>
      </html>

      """

  /// The index of a list that has a page for each department.
  static let departments =
    head + """

      <title>{{title}}</title>
      <style>{{{style}}}</style>
      </head>
      <body class="departments">
      \(letterhead)
      <main>
      <p class="updated">{{words.updated}} <time>{{updated}}</time> · {{zone}}\
      <span class="ways"> · <a href="#totals">{{words.toTotals}}</a></span></p>
      <table class="list">
      <caption>{{words.departmentList}}</caption>
      <thead><tr><th scope="col" class="department">{{words.department}}</th>\
      {{#columns}}<th scope="col" class="{{class}}">{{label}}</th>{{/columns}}</tr></thead>
      <tbody>
      {{{departments}}}
      </tbody>
      </table>
      \(totals)
      </main>
      </body>
      </html>

      """

  private static let totals = """
    <section class="totals" id="totals">
    <h2>{{words.totals}}</h2>
    <p class="sum"><b>{{total}}</b> {{words.accounts}}</p>
    <table>
    <caption>{{words.byKind}}</caption>
    <thead><tr><th scope="col">{{words.kind}}</th><th scope="col" class="count">{{words.accounts}}</th></tr></thead>
    <tbody>{{#kinds}}<tr><th scope="row">{{label}}</th><td class="count">{{count}}</td></tr>{{/kinds}}</tbody>
    </table>
    <table>
    <caption>{{words.byStatus}}</caption>
    <thead><tr><th scope="col">{{words.status}}</th><th scope="col" class="count">{{words.accounts}}</th></tr></thead>
    <tbody>{{#statuses}}<tr><th scope="row">{{label}}</th><td class="count">{{count}}</td></tr>{{/statuses}}</tbody>
    </table>
    </section>
    """
}
