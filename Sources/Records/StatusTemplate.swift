internal import Text

extension BuiltInTemplates {
  /// The operator's page. It runs nothing and loads nothing but itself, each minute.
  static let status =
    head + """

      <meta http-equiv="refresh" content="60">
      <title>{{title}} · {{verdict}}</title>
      <style>{{{style}}}</style>
      </head>
      <body class="status">
      <header class="letterhead">
      <div class="entity"><strong>{{organization}}</strong>{{#tax_id}}<span>{{tax_id}}</span>{{/tax_id}}</div>
      <div class="title"><p>{{words.procedure}} {{document.code}}</p><h1>{{title}}</h1></div>
      <dl class="codes">
      <div><dt>{{words.generated}}</dt><dd>{{generated}}</dd></div>
      <div><dt>{{words.zone}}</dt><dd>{{zone}}</dd></div>
      </dl>
      </header>
      <main>
      <section class="verdict {{health}}"><h2>{{verdict}}</h2>
      <ul>{{#findings}}<li>{{finding}}{{#count}}: <b>{{count}}</b>{{/count}}</li>{{/findings}}</ul></section>
      <nav class="tiles">{{#tiles}}<a href="#{{anchor}}" class="tile {{class}}"><b>{{count}}</b> <span>{{label}}</span></a>{{/tiles}}</nav>

      <div class="parts">
      {{#agent}}
      <section class="part"><h2>{{words.agent}} <span class="badge {{class}}">{{state}}</span></h2><dl>
      <div><dt>{{words.version}}</dt><dd>{{version}}</dd></div>
      {{#pid}}<div><dt>{{words.process}}</dt><dd>{{pid}}</dd></div>{{/pid}}
      {{#since}}<div><dt>{{words.since}}</dt><dd>{{since}}</dd></div>{{/since}}
      </dl></section>
      {{/agent}}
      {{#directory}}
      <section class="part"><h2>{{words.directory}} <span class="badge {{class}}">{{state}}</span></h2><dl>
      {{#provider}}<div><dt>{{words.provider}}</dt><dd>{{provider}}</dd></div>{{/provider}}
      {{#since}}<div><dt>{{words.since}}</dt><dd>{{since}}</dd></div>{{/since}}
      {{#reason}}<div><dt>{{words.reason}}</dt><dd>{{reason}}</dd></div>{{/reason}}
      {{#remedy}}<div><dt>{{words.remedy}}</dt><dd>{{remedy}}</dd></div>{{/remedy}}
      </dl></section>
      {{/directory}}
      {{#mirror}}
      <section class="part"><h2>{{words.mirror}} <span class="badge {{class}}">{{state}}</span></h2><dl>
      {{#lag}}<div><dt>{{words.lag}}</dt><dd>{{lag}}</dd></div>{{/lag}}
      {{#since}}<div><dt>{{words.since}}</dt><dd>{{since}}</dd></div>{{/since}}
      {{#reason}}<div><dt>{{words.reason}}</dt><dd>{{reason}}</dd></div>{{/reason}}
      </dl></section>
      {{/mirror}}
      </div>

      {{#has_holds}}
      <table class="list"><caption>{{words.holds}}</caption>
      <thead><tr><th scope="col">{{words.kept}}</th><th scope="col">{{words.reason}}</th><th scope="col">{{words.remedy}}</th>\
      <th scope="col">{{words.age}}</th></tr></thead>
      <tbody>{{#holds}}<tr><th scope="row" class="number">{{what}}</th><td data-label="{{words.reason}}">{{reason}}</td>\
      <td data-label="{{words.remedy}}">{{remedy}}</td><td class="age" data-label="{{words.age}}">{{age}}</td></tr>
      {{/holds}}</tbody></table>
      {{/has_holds}}

      {{#has_days}}
      <section class="activity"><h2>{{words.activity}}</h2>
      <div class="plots">{{#plots}}<figure><figcaption>{{label}}</figcaption>{{{svg}}}</figure>{{/plots}}</div>
      <details><summary>{{words.figures}}</summary>
      <table><thead><tr><th scope="col">{{words.day}}</th><th scope="col" class="count">{{words.accepted}}</th>\
      <th scope="col" class="count">{{words.applied}}</th><th scope="col" class="count">{{words.failed}}</th></tr></thead>
      <tbody>{{#days}}<tr><th scope="row">{{date}}</th><td class="count">{{accepted}}</td><td class="count">{{applied}}</td>\
      <td class="count">{{failed}}</td></tr>
      {{/days}}</tbody></table></details>
      </section>
      {{/has_days}}

      <section id="waiting"><h2>{{words.requests}}</h2>
      <p class="states">{{#states}}<span class="badge {{class}}">{{state}}: {{count}}</span> {{/states}}</p>
      {{#has_requests}}
      <table class="list">
      <thead><tr><th scope="col">{{words.request}}</th><th scope="col">{{words.status}}</th><th scope="col">{{words.age}}</th>\
      <th scope="col">{{words.department}}</th><th scope="col">{{words.reason}}</th></tr></thead>
      <tbody>{{#requests}}<tr><th scope="row" class="number">{{number}}</th>\
      <td data-label="{{words.status}}"><span class="badge {{class}}">{{state}}</span></td>\
      <td class="age" data-label="{{words.age}}">{{age}}</td><td data-label="{{words.department}}">{{department}}</td>\
      <td data-label="{{words.reason}}">{{reason}}</td></tr>
      {{/requests}}</tbody></table>
      {{/has_requests}}
      {{#more_requests}}<p class="more">{{words.more}} {{more_requests}}</p>{{/more_requests}}
      {{^has_requests}}<p class="none">{{words.noRequests}}</p>{{/has_requests}}
      </section>

      <section id="failures"><h2>{{words.failures}}</h2>
      {{#has_failures}}
      <table class="list">
      <thead><tr><th scope="col">{{words.request}}</th><th scope="col">{{words.address}}</th><th scope="col">{{words.error}}</th>\
      <th scope="col">{{words.remedy}}</th><th scope="col">{{words.at}}</th></tr></thead>
      <tbody>{{#failures}}<tr><th scope="row" class="number">{{number}}</th><td data-label="{{words.address}}">{{address}}</td>\
      <td data-label="{{words.error}}"><span class="bad">{{code}} {{name}}</span><small>{{diagnostic}}</small></td>\
      <td data-label="{{words.remedy}}">{{remedy}}</td><td class="time" data-label="{{words.at}}">{{at}}</td></tr>
      {{/failures}}</tbody></table>
      {{/has_failures}}
      {{^has_failures}}<p class="none">{{words.noFailures}}</p>{{/has_failures}}
      </section>

      <section id="handovers"><h2>{{words.handovers}}</h2>
      {{#has_handovers}}
      <table class="list">
      <thead><tr><th scope="col">{{words.address}}</th><th scope="col">{{words.department}}</th><th scope="col">{{words.request}}</th>\
      <th scope="col">{{words.granted}}</th><th scope="col">{{words.ends}}</th><th scope="col">{{words.handoverState}}</th></tr></thead>
      <tbody>{{#handovers}}<tr><th scope="row" class="address">{{address}}</th><td data-label="{{words.department}}">{{department}}</td>\
      <td class="number" data-label="{{words.request}}">{{number}}</td>\
      <td class="time" data-label="{{words.granted}}"><span>{{granted}} </span><small>{{age}}</small></td>\
      <td class="time" data-label="{{words.ends}}">{{ends}}</td><td data-label="{{words.handoverState}}">{{state}}</td></tr>
      {{/handovers}}</tbody></table>
      {{/has_handovers}}
      {{#more_handovers}}<p class="more">{{words.more}} {{more_handovers}}</p>{{/more_handovers}}
      {{^has_handovers}}<p class="none">{{words.noHandovers}}</p>{{/has_handovers}}
      </section>
      {{#has_departments}}
      <section><h2>{{words.handoversByDepartment}}</h2>
      <table class="list">
      <thead><tr><th scope="col">{{words.department}}</th><th scope="col" class="count">{{words.openHandovers}}</th>\
      <th scope="col">{{words.oldest}}</th><th scope="col">{{words.age}}</th></tr></thead>
      <tbody>{{#departments}}<tr><th scope="row">{{department}}</th>\
      <td class="count" data-label="{{words.openHandovers}}">{{count}}</td>\
      <td class="time" data-label="{{words.oldest}}">{{oldest}}</td><td class="age" data-label="{{words.age}}">{{age}}</td></tr>
      {{/departments}}</tbody></table>
      </section>
      {{/has_departments}}

      <section id="drift"><h2>{{words.drift}}</h2>
      {{#has_drift}}
      <table class="list">
      <thead><tr><th scope="col">{{words.address}}</th><th scope="col">{{words.attributes}}</th><th scope="col">{{words.by}}</th>\
      <th scope="col">{{words.at}}</th></tr></thead>
      <tbody>{{#drift}}<tr><th scope="row" class="address">{{address}}</th><td data-label="{{words.attributes}}">{{attributes}}</td>\
      <td data-label="{{words.by}}">{{by}}</td><td class="time" data-label="{{words.at}}">{{at}}</td></tr>
      {{/drift}}</tbody></table>
      {{/has_drift}}
      {{#more_drift}}<p class="more">{{words.more}} {{more_drift}}</p>{{/more_drift}}
      {{^has_drift}}<p class="none">{{words.noDrift}}</p>{{/has_drift}}
      </section>

      {{#has_accounts}}
      <section id="accounts"><h2>{{words.accountsTitle}}</h2>
      <div class="scroll"><table class="matrix">
      <thead><tr><th scope="col">{{words.kind}}</th>{{#statuses}}<th scope="col" class="count">{{label}}</th>{{/statuses}}\
      <th scope="col" class="count">{{words.total}}</th></tr></thead>
      <tbody>{{#kinds}}<tr><th scope="row">{{label}}</th>{{#cells}}<td class="count">{{count}}</td>{{/cells}}\
      <td class="count"><b>{{total}}</b></td></tr>
      {{/kinds}}</tbody></table></div>
      </section>
      {{/has_accounts}}
      </main>
      </body>
      </html>

      """
}
