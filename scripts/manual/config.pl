#!/usr/bin/perl
# Prints buzon.yaml(5) as man(7), made of config/buzon.yaml, which documents every key: so the page cannot differ from it.
# With a file of translations as the argument, in that language (Manual.pm).
use strict;
use warnings;
use open qw(:std :encoding(UTF-8));
use utf8;

use lib 'scripts/manual';
use Manual;

my $source = 'config/buzon.yaml';

# --- The file: what stands before the first key, then sections of keys.

open my $file, '<:encoding(UTF-8)', $source or die "$source: $!\n";
my @lines = map { chomp; $_ } <$file>;
my @head;
while (@lines && $lines[0] =~ /^#/) { push @head, substr shift @lines, 1 }
my @paragraphs = map { s/^\s+//; s/\s+/ /g; s/\s+$//; $_ } split /\n\s*\n/, join "\n", @head;

my (@items, @path, @prose);
# A paragraph of prose before a key.
my $flush = sub {
  return unless @prose;
  my $text = join ' ', map { s/^\s+|\s+$//gr } @prose;
  push @items, { prose => $text };
  @prose = ();
};
my $last;
for (@lines) {
  if (/^\s*$/) { $flush->(); undef $last; next }
  # The rest of a key's text, or of its value.
  if (/^\s{20,}# (.*)/ && $last) { $last->{text} .= " $1"; next }
  if (/^\s{8,}[^#\s]/ && $last) { my $more = s/^\s+|\s+$//gr; $last->{value} .= " $more"; next }
  if (/^(\s*)(# )?("?[a-z_]+"?):(?: +(.*))?$/) {
    my ($indent, $key, $rest) = (length($1) / 2, $3, $4 // '');
    my $commented = defined $2;
    $flush->();
    my ($value, $text) = $rest =~ /^(.*?)(?:\s{2,}# (.*)|^# (.*))?$/;
    if ($rest =~ /^# (.*)/) { ($value, $text) = ('', $1) }
    $value =~ s/\s+$//;
    @path = @path[0 .. $indent - 1];
    $path[$indent] = $key;
    $last = { path => join('.', @path), value => $value, text => $text // '', commented => $commented };
    push @items, $last;
    next;
  }
  if (/^\s*#(\s{3,}.*)/) {    # an example below a key that is commented out
    push @{ $last->{example} }, $1 =~ s/^ //r if $last;
    next;
  }
  if (/^\s*# (.*)/) { push @prose, $1; next }
  die "$source: not understood: $_\n";
}
$flush->();

# --- The page.

my @out = (
  head('buzon.yaml', 5, 'configuration of Buzón'), '.SH ' . heading('Synopsis'), '.I /etc/buzon/buzon.yaml',
  '.SH ' . heading('Description'));
for my $index (0 .. $#paragraphs) {
  push @out, '.PP' if $index;
  push @out, text(word($paragraphs[$index]));
}
push @out, '.PP', text(word('The file is YAML. Below, each key stands with its whole path and with the value of the example, /usr/share/buzon/config/buzon.yaml.'));
push @out, '.SH ' . heading('Keys');
for my $item (@items) {
  if (defined $item->{prose}) {
    push @out, '.PP' unless $out[-1] =~ /^\.SH/;
    push @out, text(word($item->{prose}));
    next;
  }
  # A section by itself says nothing; its keys have its name.
  next if $item->{value} eq '' && $item->{text} eq '' && !$item->{example};
  push @out, '.TP', '\fB' . literal("$item->{path}:") . '\fR' . ($item->{value} ne '' ? ' ' . literal($item->{value}) : '');
  push @out, text(word($item->{text})) if $item->{text} ne '';
  push @out, '.nf', (map { literal($_) } @{ $item->{example} }), '.fi' if $item->{example};
}
push @out, '.SH ' . heading('Files'), '.TP', '.I /etc/buzon/buzon.yaml',
  text(word('the configuration; the package brings none')),
  '.TP', '.I /usr/share/buzon/config/buzon.yaml', text(word('the example to begin with')),
  '.SH ' . heading('See also'), '.BR buzon (1),', '.BR buzon\-form (5),', '.BR buzon (7)';

finish(@out);
