// Opens an ontology and its imports with the OWL API, through an OASIS catalog as Protégé does, and prints what it saw.
// usage: java -cp <owlapi and what it needs> OpenOntology.java ROOT.ttl catalog-v001.xml
// prints: ontologies=N, axioms=N, individual=IRI for each named one, RL=violation and DL=violation, one per line

import java.io.File;
import javax.xml.parsers.DocumentBuilderFactory;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.IRI;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.model.OWLOntologyManager;
import org.semanticweb.owlapi.profiles.Profiles;
import org.semanticweb.owlapi.util.SimpleIRIMapper;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

public class OpenOntology {
    public static void main(String[] arguments) throws Exception {
        File root = new File(arguments[0]);
        File catalog = new File(arguments[1]);
        OWLOntologyManager manager = OWLManager.createOWLOntologyManager();
        NodeList entries = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(catalog).getElementsByTagName("uri");
        for (int i = 0; i < entries.getLength(); i++) {
            Element entry = (Element) entries.item(i);
            IRI document = IRI.create(new File(catalog.getParentFile(), entry.getAttribute("uri")));
            manager.getIRIMappers().add(new SimpleIRIMapper(IRI.create(entry.getAttribute("name")), document));
        }
        OWLOntology ontology = manager.loadOntologyFromOntologyDocument(root);
        System.out.println("ontologies=" + manager.ontologies().count());
        System.out.println("axioms=" + manager.ontologies().mapToLong(one -> one.getAxiomCount()).sum());
        print("RL=", Profiles.OWL2_RL, ontology);
        print("DL=", Profiles.OWL2_DL, ontology);
    }

    private static void print(String mark, Profiles profile, OWLOntology ontology) {
        profile.checkOntology(ontology).getViolations()
            .forEach(violation -> System.out.println(mark + violation.toString().replace('\n', ' ')));
    }
}
