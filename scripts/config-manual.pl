#!/usr/bin/perl
# Prints buzon.yaml(5) as mdoc(7), made of config/buzon.yaml, which documents every key: so the page cannot differ from it.
# With a file of translations (gettext's PO) as the argument, in that language; what is not translated stays English.
# --strings prints the texts that can be translated, as an empty PO file.
use strict;
use warnings;
use open qw(:std :encoding(UTF-8));
use utf8;

my $strings = @ARGV && $ARGV[0] eq '--strings';
my ($source, $po) = ('config/buzon.yaml', $strings ? undef : $ARGV[0]);

# --- Translations.

my %words;
if ($po) {
  open my $file, '<:encoding(UTF-8)', $po or die "$po: $!\n";
  my ($id, $text, $at) = ('', '');
  my $end = sub { $words{$id} = $text if $id ne '' && $text ne ''; ($id, $text) = ('', '') };
  while (<$file>) {
    if (/^msgid "(.*)"$/) { $end->(); $id = $1; $at = \$id }
    elsif (/^msgstr "(.*)"$/) { $text = $1; $at = \$text }
    elsif (/^"(.*)"$/) { $$at .= $1 }
  }
  $end->();
  for (keys %words) { my $value = delete $words{$_}; s/\\(["\\])/$1/g, my $key = $_ for $_; $value =~ s/\\(["\\])/$1/g; $words{$_} = $value }
}
my (%asked, @order);
sub word {
  my ($text) = @_;
  push @order, $text unless $asked{$text}++;
  warn "$po: not translated: $text\n" if $po && !exists $words{$text};
  return $words{$text} // $text;
}

# --- mdoc.

sub text {
  my ($text) = @_;
  $text =~ s/\\/\\e/g;
  $text =~ s/^(?=[.'])/\\&/mg;
  # A new sentence begins a line; an apostrophe and a caret stand as they are typed.
  $text =~ s/([.;:])\s+(?=\p{Lu})/$1\n/g;
  $text =~ s/~/\\(ti/g;
  $text =~ s/\^/\\(ha/g;
  $text =~ s/^(?=[.'])/\\&/mg;
  return $text;
}
# An argument of a macro: quoted, and no word of it is taken for a macro.
sub argument {
  my ($text) = @_;
  $text =~ s/\\/\\e/g;
  $text =~ s/"/\\(dq/g;
  return "\"$text\"";
}

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
  if (/^(\s*)(# )?("?[a-z_]+"?):(?: +(.*))?$/ && !(defined $2 && @prose && $prose[-1] =~ /Example:$/ && 0)) {
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

my $epoch = $ENV{SOURCE_DATE_EPOCH} // time;
my @day = gmtime $epoch;
my @months = qw(January February March April May June July August September October November December);
my @out;
push @out, sprintf '.Dd %s %d, %d', $months[$day[4]], $day[3], $day[5] + 1900;
push @out, '.Dt BUZON.YAML 5', '.Os', '.Sh ' . ($po ? 'NOMBRE' : 'NAME'), '.Nm buzon.yaml',
  '.Nd ' . word("configuration of Buzón"), '.Sh ' . uc word('Synopsis'), '.Pa /etc/buzon/buzon.yaml',
  '.Sh ' . uc word('Description');
for my $index (0 .. $#paragraphs) {
  push @out, '.Pp' if $index;
  push @out, text(word($paragraphs[$index]));
}
push @out, '.Pp', text(word("The file is YAML. Below, each key stands with its whole path and with the value of the example, /usr/share/buzon/config/buzon.yaml."));
push @out, '.Sh ' . uc word('Keys');
my $open = 0;
for my $item (@items) {
  if (defined $item->{prose}) {
    push @out, '.El' if $open;
    $open = 0;
    push @out, '.Pp' unless $out[-1] =~ /^\.Sh/;
    push @out, text(word($item->{prose}));
    next;
  }
  # A section by itself says nothing; its keys have its name.
  next if $item->{value} eq '' && $item->{text} eq '' && !$item->{example};
  push @out, '.Bl -tag -width Ds' unless $open;
  $open = 1;
  my $head = $item->{path} . ':' . ($item->{value} ne '' ? " $item->{value}" : '');
  push @out, '.It Li ' . argument($head);
  push @out, text(word($item->{text})) if $item->{text} ne '';
  push @out, '.Bd -literal -compact', (map { s/\\/\\e/gr } @{ $item->{example} }), '.Ed' if $item->{example};
}
push @out, '.El' if $open;
push @out, '.Sh ' . uc word('Files'), '.Bl -tag -width Ds',
  '.It Pa /etc/buzon/buzon.yaml', text(word('the configuration; the package brings none')),
  '.It Pa /usr/share/buzon/config/buzon.yaml', text(word('the example to begin with')), '.El',
  '.Sh ' . uc word('See also'), '.Xr buzon 1 ,', '.Xr buzon-form 5 ,', '.Xr buzon 7';

if ($strings) {
  for (@order) { my $id = s/(["\\])/\\$1/gr; print "msgid \"$id\"\nmsgstr \"\"\n\n" }
} else {
  print "$_\n" for @out;
}
